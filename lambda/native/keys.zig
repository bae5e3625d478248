//! The text of an item's primary key, as `lake_transform/keys.py` writes it.

const std = @import("std");
const reader = @import("reader.zig");
const Reader = reader.Reader;
const Writer = @import("writer.zig").Writer;
const Mask = @import("mask.zig").Mask;
const Entry = @import("table_settings.zig").Entry;
const Rule = @import("table_settings.zig").Rule;

const Error = error{ Declined, NoRoom };

const Attribute = struct {
    name: []const u8,
    value: reader.Text,
    is_number: bool,
    rule: Rule,

    fn read(document: *Reader, table: Entry) error{Declined}!Attribute {
        const name = try document.name();
        try document.consume('{');
        const tag = try document.name();
        const is_number = std.mem.eql(u8, tag, "N");
        if (!is_number and !std.mem.eql(u8, tag, "S") and !std.mem.eql(u8, tag, "B")) return error.Declined;
        const value = try document.string();
        try document.consume('}');
        if (is_number and !isCanonical(value.spelling)) return error.Declined;
        return .{ .name = name, .value = value, .is_number = is_number, .rule = (try table.find(name)).rule() };
    }

    fn put(self: Attribute, mask: Mask, writer: *Writer) Error!void {
        try writer.putString(.json_in_text, .{ .spelling = self.name, .has_escapes = false });
        try writer.putByte(':');
        switch (self.rule) {
            .none => if (self.is_number)
                try writer.put(self.value.spelling)
            else
                try writer.putString(.json_in_text, self.value),
            .text => try writer.putString(.json_in_text, self.value),
            .hash => {
                const start = writer.length;
                try writer.putText(.text, self.value);
                try mask.replace(.json_in_text, writer, start);
            },
            .json, .drop => return error.Declined,
        }
    }
};

/// Writes the text of the key that comes next: a partition key, with or without a sort key.
pub fn put(document: *Reader, table: Entry, mask: Mask, writer: *Writer) Error!void {
    try document.consume('{');
    const one = try Attribute.read(document, table);
    if (document.tryConsume('}')) {
        try writer.putByte('{');
        try one.put(mask, writer);
        return writer.putByte('}');
    }
    try document.consume(',');
    const other = try Attribute.read(document, table);
    try document.consume('}');
    const order = std.mem.order(u8, one.name, other.name);
    if (order == .eq) return error.Declined;
    try writer.putByte('{');
    try (if (order == .lt) one else other).put(mask, writer);
    try writer.putByte(',');
    try (if (order == .lt) other else one).put(mask, writer);
    try writer.putByte('}');
}

/// Says whether a number is in its canonical spelling. For unusual spellings that are canonical it says no.
pub fn isCanonical(literal: []const u8) bool {
    if (literal.len > 40 or !reader.isNumber(literal)) return false;
    const has_fraction = std.mem.indexOfScalar(u8, literal, '.') != null;
    if (std.mem.indexOfAny(u8, literal, "eE") != null) return false;
    if (has_fraction) return literal[literal.len - 1] != '0';
    return !std.mem.eql(u8, literal, "-0");
}
