//! The keyed hash that stands for a masked value: HMAC-SHA-256.

const std = @import("std");
const Level = @import("writer.zig").Level;
const Writer = @import("writer.zig").Writer;
const HmacSha256 = std.crypto.auth.hmac.sha2.HmacSha256;

pub const Mask = struct {
    /// Has taken the key already, which costs as much as the hash of a short text.
    keyed: HmacSha256,

    pub fn init(key: []const u8) Mask {
        return .{ .keyed = HmacSha256.init(key) };
    }

    /// Replaces the text that was written since `start` by a string of its hash, in hexadecimal digits.
    pub fn replace(self: Mask, comptime level: Level, writer: *Writer, start: usize) error{NoRoom}!void {
        var hash = self.keyed;
        hash.update(writer.written()[start..]);
        var bytes: [32]u8 = undefined;
        hash.final(&bytes);
        writer.length = start;
        try writer.putQuote(level);
        try writer.put(&std.fmt.bytesToHex(bytes, .lower));
        try writer.putQuote(level);
    }
};
