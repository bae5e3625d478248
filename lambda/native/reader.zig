//! Reads JSON strictly: what is not well-formed is declined.

const std = @import("std");
const Declined = error{Declined};

/// More than DynamoDB's own limit of 32 levels (Amazon DynamoDB Developer Guide, "Constraints").
pub const max_depth = 40;

/// A JSON string as the document spells it, without the quotes.
pub const Text = struct {
    spelling: []const u8,
    has_escapes: bool,
};

/// A position in a document. The document must be UTF-8.
pub const Reader = struct {
    document: []const u8,
    at: usize = 0,

    pub fn atEnd(self: *Reader) bool {
        self.skipSpace();
        return self.at == self.document.len;
    }

    /// Consumes `mark` if it comes next, and says whether it did.
    pub fn tryConsume(self: *Reader, mark: u8) bool {
        self.skipSpace();
        if (self.at == self.document.len or self.document[self.at] != mark) return false;
        self.at += 1;
        return true;
    }

    pub fn consume(self: *Reader, mark: u8) Declined!void {
        if (!self.tryConsume(mark)) return error.Declined;
    }

    /// Says whether another member or element follows in the container that `close` ends; consumes the comma before it,
    /// or `close`.
    pub fn hasNext(self: *Reader, is_first: bool, close: u8) Declined!bool {
        if (self.tryConsume(close)) return false;
        if (!is_first) try self.consume(',');
        return true;
    }

    /// Reads a member's name and its colon. A name that is spelled with escapes is declined.
    pub fn name(self: *Reader) Declined![]const u8 {
        const text = try self.string();
        if (text.has_escapes) return error.Declined;
        try self.consume(':');
        return text.spelling;
    }

    pub fn string(self: *Reader) Declined!Text {
        try self.consume('"');
        const start = self.at;
        var has_escapes = false;
        while (true) {
            self.at += plainLength(self.document[self.at..]);
            if (self.at == self.document.len) return error.Declined;
            switch (self.document[self.at]) {
                '"' => break,
                '\\' => {
                    has_escapes = true;
                    if (self.document.len - self.at < 2) return error.Declined;
                    self.at += 2;
                },
                else => return error.Declined, // a control character
            }
        }
        const spelling = self.document[start..self.at];
        self.at += 1;
        return .{ .spelling = spelling, .has_escapes = has_escapes };
    }

    /// Consumes `word` if it comes next, and says whether it did.
    pub fn tryConsumeWord(self: *Reader, comptime word: []const u8) bool {
        self.skipSpace();
        if (!std.mem.startsWith(u8, self.document[self.at..], word)) return false;
        self.at += word.len;
        return true;
    }

    /// Reads an integer without sign of at most 18 digits. The rest of any other number stays unread, and as it is
    /// neither a comma nor the end of a container, the record is then declined.
    pub fn unsignedInteger(self: *Reader) Declined!u64 {
        self.skipSpace();
        const digits = leadingDigits(self.document[self.at..]);
        if (digits.len == 0 or digits.len > 18 or (digits[0] == '0' and digits.len > 1)) return error.Declined;
        self.at += digits.len;
        var result: u64 = 0;
        for (digits) |digit| result = result * 10 + (digit - '0');
        return result;
    }

    /// Consumes a value that is not needed, and checks that it is well-formed.
    pub fn skipValue(self: *Reader, depth: usize) Declined!void {
        if (depth > max_depth) return error.Declined;
        self.skipSpace();
        if (self.at == self.document.len) return error.Declined;
        switch (self.document[self.at]) {
            '{' => {
                self.at += 1;
                var is_first = true;
                while (try self.hasNext(is_first, '}')) : (is_first = false) {
                    try checkEscapes(try self.string());
                    try self.consume(':');
                    try self.skipValue(depth + 1);
                }
            },
            '[' => {
                self.at += 1;
                var is_first = true;
                while (try self.hasNext(is_first, ']')) : (is_first = false) try self.skipValue(depth + 1);
            },
            '"' => try checkEscapes(try self.string()),
            't', 'f', 'n' => {
                if (!(self.tryConsumeWord("true") or self.tryConsumeWord("false") or self.tryConsumeWord("null")))
                    return error.Declined;
            },
            // Other numbers are well-formed too, but parsers differ in which of them they accept.
            else => _ = try self.unsignedInteger(),
        }
    }

    fn skipSpace(self: *Reader) void {
        while (self.at < self.document.len) : (self.at += 1) switch (self.document[self.at]) {
            ' ', '\t', '\n', '\r' => {},
            else => return,
        };
    }
};

/// The code point of an escape in a string, and how many bytes the escape has.
pub const Escape = struct {
    code_point: u21,
    length: usize,

    pub fn read(spelling: []const u8) Declined!Escape {
        if (spelling.len < 2) return error.Declined;
        return switch (spelling[1]) {
            '"', '\\', '/' => .{ .code_point = spelling[1], .length = 2 },
            'b' => .{ .code_point = 0x08, .length = 2 },
            'f' => .{ .code_point = 0x0c, .length = 2 },
            'n' => .{ .code_point = '\n', .length = 2 },
            'r' => .{ .code_point = '\r', .length = 2 },
            't' => .{ .code_point = '\t', .length = 2 },
            'u' => readUnits(spelling),
            else => error.Declined,
        };
    }

    fn readUnits(spelling: []const u8) Declined!Escape {
        const first = try unit(spelling);
        if (first < 0xd800 or first > 0xdfff) return .{ .code_point = first, .length = 6 };
        const second = try unit(spelling[6..]);
        // Half of a surrogate pair is no text.
        if (first > 0xdbff or second < 0xdc00 or second > 0xdfff) return error.Declined;
        const code_point = 0x10000 + (@as(u21, first - 0xd800) << 10) + (second - 0xdc00);
        return .{ .code_point = code_point, .length = 12 };
    }

    /// Reads the UTF-16 code unit of `\uXXXX`.
    fn unit(spelling: []const u8) Declined!u16 {
        if (spelling.len < 6 or spelling[0] != '\\' or spelling[1] != 'u') return error.Declined;
        var result: u16 = 0;
        for (spelling[2..6]) |digit| {
            const value: u16 = switch (digit) {
                '0'...'9' => digit - '0',
                'a'...'f' => digit - 'a' + 10,
                'A'...'F' => digit - 'A' + 10,
                else => return error.Declined,
            };
            result = result << 4 | value;
        }
        return result;
    }
};

fn checkEscapes(text: Text) Declined!void {
    if (!text.has_escapes) return;
    var rest = text.spelling;
    while (std.mem.indexOfScalar(u8, rest, '\\')) |start| {
        rest = rest[start..];
        rest = rest[(try Escape.read(rest)).length..];
    }
}

/// Returns how many bytes come before the first one that is special in a JSON string: a quote, a backslash or a control
/// character.
pub fn plainLength(bytes: []const u8) usize {
    const width = 16;
    const Block = @Vector(width, u8);
    var at: usize = 0;
    while (bytes.len - at >= width) : (at += width) {
        const block: Block = bytes[at..][0..width].*;
        const quote = block == @as(Block, @splat('"'));
        const backslash = block == @as(Block, @splat('\\'));
        const control = block < @as(Block, @splat(0x20));
        const special: u16 = @as(u16, @bitCast(quote)) | @as(u16, @bitCast(backslash)) | @as(u16, @bitCast(control));
        if (special != 0) return at + @ctz(special);
    }
    while (at < bytes.len) : (at += 1) switch (bytes[at]) {
        '"', '\\', 0...0x1f => break,
        else => {},
    };
    return at;
}

/// Says whether text is one number in JSON's grammar (RFC 8259, section 6).
pub fn isNumber(text: []const u8) bool {
    var rest = text;
    if (rest.len > 0 and rest[0] == '-') rest = rest[1..];
    const whole = leadingDigits(rest);
    if (whole.len == 0 or (whole[0] == '0' and whole.len > 1)) return false;
    rest = rest[whole.len..];
    if (rest.len > 0 and rest[0] == '.') {
        const fraction = leadingDigits(rest[1..]);
        if (fraction.len == 0) return false;
        rest = rest[1 + fraction.len ..];
    }
    if (rest.len > 0 and (rest[0] == 'e' or rest[0] == 'E')) {
        rest = rest[1..];
        if (rest.len > 0 and (rest[0] == '-' or rest[0] == '+')) rest = rest[1..];
        const exponent = leadingDigits(rest);
        if (exponent.len == 0) return false;
        rest = rest[exponent.len..];
    }
    return rest.len == 0;
}

/// Returns the digits at the start of a text.
pub fn leadingDigits(text: []const u8) []const u8 {
    var length: usize = 0;
    while (length < text.len and text[length] >= '0' and text[length] <= '9') length += 1;
    return text[0..length];
}
