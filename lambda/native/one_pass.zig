//! The native code of `lake_transform`, which is optional: it turns change records into lines of the lake in one pass.
//!
//! It is one function from bytes to bytes: it allocates no memory, makes no system call and keeps nothing outside the
//! caller's workspace. For each record it writes the same bytes as Python, or it declines the record and Python handles
//! it. It is compiled with safety checks: an index out of bounds or an integer overflow ends the process.

const std = @import("std");
const change = @import("change.zig");
const Writer = @import("writer.zig").Writer;

/// A failed check only ends the process: the code that prints a trace is several times the size of all the rest.
pub const panic = std.debug.no_panic;

/// Ends each line. A line itself never holds it: JSON has it only as an escape.
const nul = 0;

/// Returns the size of the workspace in bytes. The workspace must be zeros before the first call, aligned to 8 bytes,
/// and used by one thread at a time.
export fn one_pass_workspace_size() usize {
    return @sizeOf(change.Workspace);
}

/// Writes the lines of the first documents of `count`, as many as fit `output`, and returns the number of bytes
/// written. Each line ends with a newline and a NUL; a record that was declined has only the NUL.
///
/// `documents` is the concatenation of `count` texts whose lengths are in `document_lengths`; `sequence_numbers`
/// likewise, each of them digits, or empty if it is not known. A record whose line does not fit the whole of `output`
/// is declined. With `for_hook` the numbers of items are spelled with a fraction or an exponent, which tells them from
/// the integers of metadata. `tables` is as `table_settings.zig` says, and `mask_key` the key of hashes. `output` must
/// have at least one byte. What the caller is told beside the lines is in the workspace's first members, see `Shapes`.
export fn one_pass_lines(
    documents: [*]const u8,
    document_lengths: [*]align(1) const u32,
    sequence_numbers: [*]const u8,
    sequence_number_lengths: [*]align(1) const u32,
    count: usize,
    separator: [*]const u8,
    separator_length: usize,
    lists_as_text: bool,
    for_hook: bool,
    tables: [*]const u8,
    tables_length: usize,
    mask_key: [*]const u8,
    mask_key_length: usize,
    workspace: *change.Workspace,
    output: [*]u8,
    output_size: usize,
) usize {
    const options: change.Options = .{
        .separator = separator[0..separator_length],
        .lists_as_text = lists_as_text,
        .for_hook = for_hook,
        .tables = .{ .inside = tables[0..tables_length] },
        .mask = .init(mask_key[0..mask_key_length]),
    };
    workspace.shapes.startCall();
    var documents_read: usize = 0;
    var numbers_read: usize = 0;
    var written: usize = 0;
    for (document_lengths[0..count], sequence_number_lengths[0..count]) |document_length, number_length| {
        const document = documents[documents_read..][0..document_length];
        const number = sequence_numbers[numbers_read..][0..number_length];
        var writer: Writer = .{ .buffer = output[written..output_size] };
        putLineAndNul(document, number, options, workspace, &writer) catch |reason| {
            if (reason == error.NoRoom and written > 0) return written;
            writer.length = 0;
            writer.putByte(nul) catch return written;
        };
        written += writer.length;
        documents_read += document_length;
        numbers_read += number_length;
    }
    return written;
}

fn putLineAndNul(
    document: []const u8,
    sequence_number: []const u8,
    options: change.Options,
    workspace: *change.Workspace,
    writer: *Writer,
) error{ Declined, NoRoom }!void {
    try change.putLine(document, sequence_number, options, workspace, writer);
    try writer.putByte(nul);
}
