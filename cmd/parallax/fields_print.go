package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// printFields writes the tables of fields in one of the formats text, markdown and json.
func printFields(w io.Writer, format string, fields []event.Field, documents []event.DocField) error {
	switch format {
	case "text":
		return fieldsAsText(w, fields, documents)
	case "markdown":
		return fieldsAsMarkdown(w, fields, documents)
	case "json":
		return fieldsAsJSON(w, fields, documents)
	}
	return usageError("--output %s: want text, markdown or json", format)
}

// fieldName is the name as rules write it, with what its argument may be.
func fieldName(f *event.Field) string {
	return f.Name + [...]string{event.ArgNone: "", event.ArgIndex: "[n]", event.ArgKey: "[key]", event.ArgAny: "[key or n]"}[f.Arg]
}

func fieldType(f *event.Field) string {
	if f.List {
		return "list of " + f.Type.String() + "s"
	}
	return f.Type.String()
}

// fieldNotes are the sentences about a field besides its own.
func fieldNotes(f *event.Field) []string {
	var notes []string
	note := func(label, s string) {
		if s != "" {
			notes = append(notes, label+s)
		}
	}
	note("one of ", strings.Join(f.Values, ", "))
	note("traced are ", strings.Join(f.Traced, ", "))
	note("from ", f.From)
	note("null: ", f.Null)
	if f.Scope != event.ScopeEvent {
		note("judged for each ", f.Scope.String())
	}
	note("not traced yet: ", f.Untraced)
	return notes
}

func fieldsAsText(w io.Writer, fields []event.Field, documents []event.DocField) error {
	var b strings.Builder
	for i := range fields {
		f := &fields[i]
		fmt.Fprintf(&b, "%-44s %-16s %s\n", fieldName(f), fieldType(f), f.Doc)
		for _, note := range fieldNotes(f) {
			fmt.Fprintf(&b, "%61s %s\n", "", note)
		}
	}
	for _, f := range documents {
		fmt.Fprintf(&b, "%-60s %-16s %s\n", f.Name, f.Type, f.Doc)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func fieldsAsMarkdown(w io.Writer, fields []event.Field, documents []event.DocField) error {
	var b strings.Builder
	b.WriteString("# Fields\n\nWritten by `parallax rules fields --output markdown` from the tables that the code uses; `make docs` writes it anew.\n")
	for source := range event.Source(event.NumSources) {
		sourceAsMarkdown(&b, source, fields)
	}
	if len(documents) > 0 {
		documentsAsMarkdown(&b, documents)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sourceAsMarkdown(b *strings.Builder, source event.Source, fields []event.Field) {
	heading := false
	for i := range fields {
		f := &fields[i]
		if f.Source != source {
			continue
		}
		if !heading {
			fmt.Fprintf(b, "\n## Conditions on `%s`\n\n| field | type | what it is |\n|---|---|---|\n", source)
			heading = true
		}
		text := strings.Join(append([]string{strings.TrimSuffix(f.Doc, ".")}, fieldNotes(f)...), "; ")
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", fieldName(f), fieldType(f), markdownCell(text))
	}
}

func documentsAsMarkdown(b *strings.Builder, documents []event.DocField) {
	b.WriteString("\n## Documents of alerts\n\nFields marked * are not of ECS.\n\n| field | type | what it is |\n|---|---|---|\n")
	for _, f := range documents {
		mark := "*"
		if f.ECS {
			mark = ""
		}
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", f.Name, mark, f.Type, markdownCell(f.Doc))
	}
}

// markdownCell keeps s in one cell of a table.
func markdownCell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}

// fieldJSON is a field of conditions as --output json tells it.
type fieldJSON struct {
	Name     string   `json:"name"`
	Source   string   `json:"source"`
	Type     string   `json:"type"`
	List     bool     `json:"list"`
	Any      bool     `json:"any,omitempty"`
	Argument string   `json:"argument,omitempty"`
	Scope    string   `json:"scope"`
	Doc      string   `json:"doc"`
	From     string   `json:"from,omitempty"`
	Null     string   `json:"null,omitempty"`
	Values   []string `json:"values,omitempty"`
	Traced   []string `json:"traced,omitempty"`
	Untraced string   `json:"untraced,omitempty"`
}

// documentJSON is a field of an alert's document.
type documentJSON struct {
	Name string `json:"name"`
	ECS  bool   `json:"ecs"`
	Type string `json:"type"`
	Doc  string `json:"doc"`
}

func fieldsAsJSON(w io.Writer, fields []event.Field, documents []event.DocField) error {
	out := struct {
		Fields    []fieldJSON    `json:"fields"`
		Documents []documentJSON `json:"documents,omitempty"`
	}{Fields: []fieldJSON{}}
	for _, f := range fields {
		out.Fields = append(out.Fields, fieldJSON{
			Name: f.Name, Source: f.Source.String(), Type: f.Type.String(), List: f.List, Scope: f.Scope.String(), Doc: f.Doc,
			Argument: [...]string{event.ArgNone: "", event.ArgIndex: "index", event.ArgKey: "key", event.ArgAny: "any"}[f.Arg],
			From:     f.From, Null: f.Null, Values: f.Values, Untraced: f.Untraced, Any: f.Any, Traced: f.Traced,
		})
	}
	for _, f := range documents {
		out.Documents = append(out.Documents, documentJSON{f.Name, f.ECS, f.Type, f.Doc})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
