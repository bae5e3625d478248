//! The optional native path of `lake_transform`: change records to lines of the lake in one pass.
//!
//! A pure function from bytes to bytes: it allocates nothing, calls nothing and keeps nothing but what the caller's
//! workspace holds. It writes the very bytes that the Python path writes, or declines a record, and then that path has
//! to see to it. It is compiled with safety checks: an index that is out of bounds or a sum that overflows ends the
//! process instead of going on with wrong memory.

const std = @import("std");
const change = @import("change.zig");
const Writer = @import("writer.zig").Writer;

/// Checks that fail trap; what would print a trace is several times the size of the rest.
pub const panic = std.debug.no_panic;

/// What comes after each line: JSON has it only as an escape.
const end = 0;

/// Returns the size of the workspace in bytes. It must start as zeros, aligned to 8, and be used by one thread.
export fn one_pass_workspace_size() usize {
    return @sizeOf(change.Workspace);
}

/// Writes the lines of as many of `count` documents as find room, each ended by a newline and a NUL, and returns how many
/// bytes that took. Of a record that was declined there is the NUL alone.
///
/// `documents` and `sequence_numbers` (digits, or nothing for none) are each the concatenation of `count` texts whose
/// lengths are in `document_lengths` and `sequence_number_lengths`. A line for which even the whole of `output` is too
/// small is declined. `output` has room for one byte at least.
export fn one_pass_lines(
    documents: [*]const u8,
    document_lengths: [*]align(1) const u32,
    sequence_numbers: [*]const u8,
    sequence_number_lengths: [*]align(1) const u32,
    count: usize,
    separator: [*]const u8,
    separator_length: usize,
    lists_as_text: bool,
    workspace: *change.Workspace,
    output: [*]u8,
    output_size: usize,
) usize {
    const options: change.Options = .{
        .separator = separator[0..separator_length],
        .lists_as_text = lists_as_text,
    };
    var documents_read: usize = 0;
    var numbers_read: usize = 0;
    var written: usize = 0;
    for (document_lengths[0..count], sequence_number_lengths[0..count]) |document_length, number_length| {
        const document = documents[documents_read..][0..document_length];
        const number = sequence_numbers[numbers_read..][0..number_length];
        var writer: Writer = .{ .buffer = output[written..output_size] };
        putEnded(document, number, options, workspace, &writer) catch |refusal| {
            if (refusal == error.NoRoom and written > 0) return written;
            writer.length = 0;
            writer.putByte(end) catch return written;
        };
        written += writer.length;
        documents_read += document_length;
        numbers_read += number_length;
    }
    return written;
}

fn putEnded(
    document: []const u8,
    sequence_number: []const u8,
    options: change.Options,
    workspace: *change.Workspace,
    writer: *Writer,
) error{ Declined, NoRoom }!void {
    try change.putLine(document, sequence_number, options, workspace, writer);
    try writer.putByte(end);
}
