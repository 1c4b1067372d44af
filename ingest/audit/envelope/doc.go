// Package envelope finds the audit events in what clouds and log shippers put around them.
//
//	a JSON object that is no event -> Opener -> the texts in it: events, or further envelopes (Content.Value)
//	                                         -> what is of another log (Content.Skip), what is broken (Content.Refuse)
//
// An envelope is recognised by its keys, never by where it came from. What it holds as a string is handed on as it reads, so
// that an event has the same content ids as in the API server's own log. Two kinds are no audit.k8s.io events any more and are
// written as such as far as they tell (Kind.Lost): GKE's log entries, and rows of AKS' tables.
//
// Forms and where they are described:
//
//	EKS     CloudWatch Logs. Subscription: docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html; get-log-events and
//	        filter-log-events: AmazonCloudWatchLogs/latest/APIReference; files that were exported to S3, with a time before each
//	        line: AmazonCloudWatch/latest/logs/S3Export.html; Firehose: firehose/latest/dev/httpdeliveryrequestresponse.html;
//	        streams: eks/latest/userguide/control-plane-logs.html
//	AKS     Diagnostic settings (Event Hub, storage account): learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema,
//	        azure/aks/monitor-aks-reference; Log Analytics: azure/azure-monitor/reference/tables/aksaudit and aksauditadmin
//	GKE     Cloud Logging: cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry, logging/docs/reference/audit/auditlog/rest/
//	        Shared.Types/AuditLog, kubernetes-engine/docs/how-to/audit-logging; Pub/Sub push: pubsub/docs/push
//	others  {"log": ...} of Fluent Bit and of Docker's json-file, {"message": ...} of Logstash, Vector and the like, lines of a CRI
//	        container log, lines of `oc adm node-logs`
//
// Bounds: MaxDepth envelopes inside each other; what is decompressed is at most maxUnpackedRatio times the line it stands in.
// An Opener belongs to one goroutine.
package envelope
