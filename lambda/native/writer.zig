//! Writes JSON into a buffer of fixed size, in the spelling of the encoder that Python uses.

const std = @import("std");
const reader = @import("reader.zig");

/// Where a value is written: as text that is no JSON, in the line itself, in JSON text that is a string of the line and so
/// is escaped once more, or in JSON text that is a string of such text.
pub const Level = enum {
    text,
    json,
    json_in_text,
    json_in_text_in_text,

    /// The level of JSON text that is a string at this level.
    pub fn inside(comptime level: Level) Level {
        return @fromBackingInt(@intCast(@backingInt(level) + 1));
    }

    /// Returns a text with the escapes that it has in a string at this level.
    fn escaped(comptime level: Level, comptime text: []const u8) []const u8 {
        comptime var result: []const u8 = text;
        inline for (0..@backingInt(level)) |_| {
            comptime var once: []const u8 = "";
            inline for (result) |byte| once = once ++ (if (byte == '"' or byte == '\\') "\\" else "") ++ .{byte};
            result = once;
        }
        return result;
    }
};

const Error = error{ Declined, NoRoom };

pub const Writer = struct {
    buffer: []u8,
    length: usize = 0,

    pub fn written(self: *const Writer) []const u8 {
        return self.buffer[0..self.length];
    }

    pub fn put(self: *Writer, bytes: []const u8) error{NoRoom}!void {
        if (self.buffer.len - self.length < bytes.len) return error.NoRoom;
        @memcpy(self.buffer[self.length..][0..bytes.len], bytes);
        self.length += bytes.len;
    }

    pub fn putByte(self: *Writer, byte: u8) error{NoRoom}!void {
        if (self.buffer.len == self.length) return error.NoRoom;
        self.buffer[self.length] = byte;
        self.length += 1;
    }

    /// Puts text that needs no escapes as a string.
    pub fn putQuoted(self: *Writer, text: []const u8) error{NoRoom}!void {
        try self.putQuote(.json);
        try self.put(text);
        try self.putQuote(.json);
    }

    /// Puts the quote that starts or ends a string.
    pub fn putQuote(self: *Writer, comptime level: Level) error{NoRoom}!void {
        const outside: Level = @fromBackingInt(@intCast(@backingInt(level) - 1));
        try self.put(outside.escaped("\""));
    }

    pub fn putString(self: *Writer, comptime level: Level, text: reader.Text) Error!void {
        try self.putQuote(level);
        try self.putText(level, text);
        try self.putQuote(level);
    }

    /// Puts the content of a string, without its quotes.
    pub fn putText(self: *Writer, comptime level: Level, text: reader.Text) Error!void {
        if (text.has_escapes) try self.putEscaped(level, text.spelling) else try self.put(text.spelling);
    }

    pub fn putUnsignedInteger(self: *Writer, number: u64) error{NoRoom}!void {
        var digits: [20]u8 = undefined;
        var start = digits.len;
        var rest = number;
        while (true) {
            start -= 1;
            digits[start] = '0' + @as(u8, @intCast(rest % 10));
            rest /= 10;
            if (rest == 0) break;
        }
        try self.put(digits[start..]);
    }

    /// Moves what is written to the right, and puts `bytes` before it.
    pub fn putBefore(self: *Writer, bytes: []const u8) error{NoRoom}!void {
        if (self.buffer.len - self.length < bytes.len) return error.NoRoom;
        const moved = self.buffer[bytes.len..][0..self.length];
        std.mem.copyBackwards(u8, moved, self.buffer[0..self.length]);
        @memcpy(self.buffer[0..bytes.len], bytes);
        self.length += bytes.len;
    }

    fn putEscaped(self: *Writer, comptime level: Level, spelling: []const u8) Error!void {
        var rest = spelling;
        while (rest.len > 0) {
            const plain = reader.plainLength(rest);
            try self.put(rest[0..plain]);
            rest = rest[plain..];
            if (rest.len == 0) return;
            const escape = try reader.Escape.read(rest);
            try self.putCodePoint(level, escape.code_point);
            rest = rest[escape.length..];
        }
    }

    fn putCodePoint(self: *Writer, comptime level: Level, code_point: u21) Error!void {
        if (level == .text) return self.putUtf8(code_point);
        const outside: Level = @fromBackingInt(@intCast(@backingInt(level) - 1));
        const backslash = comptime outside.escaped("\\");
        switch (code_point) {
            '"' => try self.put(level.escaped("\"")),
            '\\' => try self.put(level.escaped("\\")),
            0x08 => try self.put(backslash ++ "b"),
            0x0c => try self.put(backslash ++ "f"),
            '\n' => try self.put(backslash ++ "n"),
            '\r' => try self.put(backslash ++ "r"),
            '\t' => try self.put(backslash ++ "t"),
            0...0x07, 0x0b, 0x0e...0x1f => {
                const digits = "0123456789abcdef";
                try self.put(backslash ++ "u00");
                try self.putByte(digits[code_point >> 4]);
                try self.putByte(digits[code_point & 0xf]);
            },
            else => try self.putUtf8(code_point),
        }
    }

    fn putUtf8(self: *Writer, code_point: u21) Error!void {
        var bytes: [4]u8 = undefined;
        const length = std.unicode.utf8Encode(code_point, &bytes) catch return error.Declined;
        try self.put(bytes[0..length]);
    }
};
