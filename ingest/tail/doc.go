// Package tail follows log files that are being written: every line once, or more than once after a crash, and none left out.
//
//	paths -> logs (live file and its backups) -> files in their order -> chunks of whole lines -> store
//
// A log is a path that a program writes to. What was written to it is spread over files: backups, which a rotation has put
// aside, and the live file. Run hands out their lines in order, one chunk at a time for each log, and remembers how far it came
// (Config.StateFile) only after store has returned. It guarantees that
//   - a line is handed out again rather than lost: after a crash from the last place that was saved;
//   - rotation by renaming (lumberjack in the API server, logrotate, the kubelet) leaves nothing out, also where it happened
//     several times while nothing was running, as long as the backups are there, compressed by gzip or zstd or not;
//   - a file is known by its first bytes, not by its name or number alone, so that an inode that is used again, a file
//     that was truncated in place and a compressed copy are each told apart;
//   - where lines may be missing it says so (Gap): a file that vanished before it was read to its end, a file that was
//     truncated in place, files that may have come and gone in between;
//   - memory is bounded: for each of at most Config.MaxLogs logs one chunk, or one line of at most Config.MaxLineBytes.
//
// That a chain of files is unbroken is concluded from the file that was read last: rotation deletes the oldest first, so as
// long as that one is still there when the next is begun, nothing between them is gone.
//
// Two logs of one Tail are read at the same time, each by a goroutine of its own. Only one Tail may use a state file.
package tail
