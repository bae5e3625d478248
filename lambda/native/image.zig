//! Item image -> columns: each leaf of the image is written under its column as soon as it is read.
//!
//! An image is written only if each of its paths has a column of its own. If two paths want the same column, or a path
//! can have none, the record is declined.

const std = @import("std");
const keys = @import("keys.zig");
const metadata = @import("metadata.zig");
const reader = @import("reader.zig");
const Reader = reader.Reader;
const Level = @import("writer.zig").Level;
const Writer = @import("writer.zig").Writer;
const Hash = @import("names.zig").Hash;
const Names = @import("names.zig").Names;
const NameEntry = @import("names.zig").Entry;
const Shapes = @import("shapes.zig").Shapes;
const Entry = @import("table_settings.zig").Entry;
const Mask = @import("mask.zig").Mask;

const Error = error{ Declined, NoRoom };

pub const max_column_length = 255;

pub const Options = struct {
    /// Joins the names of a path.
    separator: []const u8,
    lists_as_text: bool,
    for_hook: bool,
    /// Holds the entries of the tables that have settings.
    tables: Entry,
    mask: Mask,
};

pub const Image = struct {
    reader: *Reader,
    writer: *Writer,
    names: *Names,
    shapes: *Shapes,
    options: Options,
    /// Holds the entries of the table's attributes that have rules.
    table: Entry,
    /// The number of columns that are written.
    columns: usize = 0,
    path: [max_column_length]u8 = undefined,

    /// Writes the columns of the image that comes next, each with a comma before it, and says whether it has attributes.
    pub fn putColumns(self: *Image) Error!bool {
        try self.reader.consume('{');
        if (self.reader.tryConsume('}')) return false;
        try self.putMembers(.{ .length = 0, .hash = Names.columns_scope }, self.table, 0);
        return true;
    }

    /// Writes the image that comes next as JSON text in a string.
    pub fn putText(self: *Image) Error!void {
        try self.reader.consume('{');
        try self.writer.putQuote(.json);
        try self.putObject(.json_in_text, self.table, 0);
        try self.writer.putQuote(.json);
    }

    const Path = struct {
        length: usize,
        hash: Hash,
    };

    /// Writes the columns of an object's members. The opening brace is consumed already.
    fn putMembers(self: *Image, parent: Path, rules: Entry, depth: usize) Error!void {
        if (depth > reader.max_depth) return error.Declined;
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const name = try self.reader.name();
            const rule = try rules.find(name);
            if (rule.rule() == .drop) {
                try self.readDropped(depth);
                continue;
            }
            const path = try self.memberPath(parent, name);
            // The paths of maps are added too: so a map that is there twice is declined, and a few more than must be.
            const entry = try self.names.add(path.hash);
            const tag = try self.openValue();
            if (tag == .M and rule.rule() == .none) {
                const columns_before = self.columns;
                if (!self.reader.tryConsume('}')) try self.putMembers(path, rule, depth + 1);
                if (self.columns == columns_before) {
                    try self.startColumn(path, entry);
                    try self.writer.put("\"{}\"");
                }
            } else {
                try self.startColumn(path, entry);
                try self.putColumnValue(tag, rule, depth);
            }
            try self.reader.consume('}');
        }
    }

    /// Reads a value that is left out, as strictly as one that is written.
    fn readDropped(self: *Image, depth: usize) Error!void {
        const start = self.writer.length;
        try self.putPlain(.json_in_text, try self.openValue(), .{}, depth);
        try self.reader.consume('}');
        self.writer.length = start;
    }

    /// Returns the path of a member; its column is then in `self.path`.
    fn memberPath(self: *Image, parent: Path, name: []const u8) error{Declined}!Path {
        var path = parent;
        if (parent.length > 0) {
            for (self.options.separator) |byte| try self.appendByte(&path, byte);
        } else if (name.len == 0 or (std.ascii.isAscii(name[0]) and !std.ascii.isAlphabetic(name[0]))) {
            try self.appendByte(&path, 'x');
        }
        for (name, 0..) |byte, at| switch (byte) {
            'a'...'z', '0'...'9', '_' => try self.appendByte(&path, byte),
            'A'...'Z' => try self.appendByte(&path, byte | 0x20),
            0x80...0xbf => {}, // part of a character whose code is appended already
            0xc0...0xff => try self.appendCode(&path, name[at..]),
            else => try self.appendByte(&path, '_'),
        };
        if (std.mem.startsWith(u8, self.path[0..path.length], metadata.prefix)) return error.Declined;
        return path;
    }

    /// Appends `u` and the code point of the first character, which is not ASCII, in six digits.
    fn appendCode(self: *Image, path: *Path, characters: []const u8) error{Declined}!void {
        const length = std.unicode.utf8ByteSequenceLength(characters[0]) catch return error.Declined;
        const code_point = std.unicode.utf8Decode(characters[0..length]) catch return error.Declined;
        try self.appendByte(path, 'u');
        inline for (.{ 20, 16, 12, 8, 4, 0 }) |shift| {
            try self.appendByte(path, "0123456789abcdef"[code_point >> shift & 0xf]);
        }
    }

    fn appendByte(self: *Image, path: *Path, byte: u8) error{Declined}!void {
        if (path.length == max_column_length) return error.Declined;
        self.path[path.length] = byte;
        path.length += 1;
        path.hash.add(byte);
    }

    /// Writes a column's name, with a comma before it.
    fn startColumn(self: *Image, path: Path, entry: *NameEntry) error{NoRoom}!void {
        const name = self.path[0..path.length];
        self.columns += 1;
        if (!entry.is_told) entry.is_told = self.shapes.tell(entry.hash, name);
        try self.writer.put(",\"");
        try self.writer.put(name);
        try self.writer.put("\":");
    }

    const Tag = enum { S, N, M, L, BOOL, NULL, SS, NS, B, BS };

    /// Consumes the start of a typed value, up to its content, and returns its type.
    fn openValue(self: *Image) error{Declined}!Tag {
        const tag = try self.openTyped();
        if (tag == .M) try self.reader.consume('{');
        return tag;
    }

    fn openTyped(self: *Image) error{Declined}!Tag {
        // The usual spelling, without space, is compared as a whole.
        inline for (comptime std.enums.values(Tag)) |tag| {
            if (self.reader.tryConsumeWord("{\"" ++ @tagName(tag) ++ "\":")) return tag;
        }
        try self.reader.consume('{');
        return std.meta.stringToEnum(Tag, try self.reader.name()) orelse error.Declined;
    }

    /// Writes the content of a value that has a rule, or is no map, and is in a column, or in an array in a column.
    fn putColumnValue(self: *Image, tag: Tag, rule: Entry, depth: usize) Error!void {
        if (rule.rule() != .none) return self.putRuled(.json, tag, rule, depth);
        switch (tag) {
            .L, .SS, .NS, .BS => if (self.options.lists_as_text) {
                try self.writer.putQuote(.json);
                try self.putPlain(.json_in_text, tag, rule, depth);
                try self.writer.putQuote(.json);
            } else if (tag == .L) {
                try self.putArray(rule, depth);
            } else {
                try self.putPlain(.json, tag, rule, depth);
            },
            else => try self.putPlain(.json, tag, rule, depth),
        }
    }

    /// Writes the content of a value that has a rule: null, or a string.
    fn putRuled(self: *Image, comptime level: Level, tag: Tag, rule: Entry, depth: usize) Error!void {
        if (tag == .NULL) return self.putPlain(level, tag, .{}, depth);
        switch (rule.rule()) {
            .hash => return self.putHash(level, tag, depth),
            .text => if (tag == .S or tag == .B) return self.putPlain(level, tag, .{}, depth),
            .json => {},
            .none, .drop => unreachable,
        }
        try self.writer.putQuote(level);
        switch (tag) {
            .N => try self.writer.put(try self.number()),
            .BOOL => try self.putPlain(level, tag, .{}, depth),
            else => if (level == .json_in_text_in_text)
                return error.Declined
            else
                try self.putPlain(level.inside(), tag, rule, depth),
        }
        try self.writer.putQuote(level);
    }

    /// Writes the hash of a value's text. A value that has no one text is declined.
    fn putHash(self: *Image, comptime level: Level, tag: Tag, depth: usize) Error!void {
        const start = self.writer.length;
        switch (tag) {
            .S, .B => try self.writer.putText(.text, try self.reader.string()),
            .N => {
                const literal = try self.number();
                if (!keys.isCanonical(literal)) return error.Declined;
                try self.writer.put(literal);
            },
            .BOOL => try self.putPlain(level, tag, .{}, depth),
            else => return error.Declined,
        }
        try self.options.mask.replace(level, self.writer, start);
    }

    /// Writes a list as an array. A line holds no object, so a map in the array is JSON text.
    fn putArray(self: *Image, rules: Entry, depth: usize) Error!void {
        if (depth > reader.max_depth) return error.Declined;
        try self.reader.consume('[');
        try self.writer.putByte('[');
        var is_first = true;
        while (try self.reader.hasNext(is_first, ']')) : (is_first = false) {
            if (!is_first) try self.writer.putByte(',');
            const tag = try self.openValue();
            if (tag == .M) {
                try self.writer.putQuote(.json);
                try self.putPlain(.json_in_text, tag, rules, depth + 1);
                try self.writer.putQuote(.json);
            } else {
                try self.putColumnValue(tag, rules, depth + 1);
            }
            try self.reader.consume('}');
        }
        try self.writer.putByte(']');
    }

    /// Writes the content of a value without its type: maps are objects, lists and sets arrays. `rules` are of the members
    /// of a map, or of each map in a list.
    fn putPlain(self: *Image, comptime level: Level, tag: Tag, rules: Entry, depth: usize) Error!void {
        if (depth > reader.max_depth) return error.Declined;
        switch (tag) {
            .S, .B => try self.writer.putString(level, try self.reader.string()),
            .N => try self.putNumber(level),
            .BOOL => if (self.reader.tryConsumeWord("true"))
                try self.writer.put("true")
            else if (self.reader.tryConsumeWord("false"))
                try self.writer.put("false")
            else
                return error.Declined,
            .NULL => if (self.reader.tryConsumeWord("true"))
                try self.writer.put("null")
            else
                return error.Declined,
            // No column and no array in one holds an object.
            .M => if (level == .json) unreachable else try self.putObject(level, rules, depth),
            .L, .SS, .NS, .BS => {
                try self.reader.consume('[');
                try self.writer.putByte('[');
                var is_first = true;
                while (try self.reader.hasNext(is_first, ']')) : (is_first = false) {
                    if (!is_first) try self.writer.putByte(',');
                    switch (tag) {
                        .L => {
                            try self.putPlain(level, try self.openValue(), rules, depth + 1);
                            try self.reader.consume('}');
                        },
                        .NS => try self.putNumber(level),
                        else => try self.writer.putString(level, try self.reader.string()),
                    }
                }
                try self.writer.putByte(']');
            },
        }
    }

    /// Writes a map as an object in JSON text. The map's opening brace is consumed already.
    fn putObject(self: *Image, comptime level: Level, rules: Entry, depth: usize) Error!void {
        const scope = self.names.startScope();
        try self.writer.putByte('{');
        const start = self.writer.length;
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const name = try self.reader.name();
            const rule = try rules.find(name);
            if (rule.rule() == .drop) {
                try self.readDropped(depth);
                continue;
            }
            if (self.writer.length > start) try self.writer.putByte(',');
            var hash = scope;
            for (name) |byte| hash.add(byte);
            _ = try self.names.add(hash);
            try self.writer.putString(level, .{ .spelling = name, .has_escapes = false });
            try self.writer.putByte(':');
            const tag = try self.openValue();
            if (rule.rule() == .none)
                try self.putPlain(level, tag, rule, depth + 1)
            else
                try self.putRuled(level, tag, rule, depth + 1);
            try self.reader.consume('}');
        }
        try self.writer.putByte('}');
    }

    /// Writes a number. One that is no JSON text becomes Python's Decimal if there is a hook: then it is spelled so that
    /// it is read as one, and declined if Decimal would not spell it in the same way.
    fn putNumber(self: *Image, comptime level: Level) Error!void {
        const literal = try self.number();
        try self.writer.put(literal);
        if (level != .json or !self.options.for_hook) return;
        if (std.mem.indexOfAny(u8, literal, "eE") != null) return error.Declined;
        const point = std.mem.indexOfScalar(u8, literal, '.') orelse return self.writer.put("e0");
        // Decimal spells a fraction with an exponent if six zeros come before its first digit.
        if (literal[point - 1] == '0' and std.mem.startsWith(u8, literal[point + 1 ..], "000000")) return error.Declined;
    }

    fn number(self: *Image) error{Declined}![]const u8 {
        const spelling = (try self.reader.string()).spelling;

        return if (reader.isNumber(spelling)) spelling else error.Declined;
    }
};
