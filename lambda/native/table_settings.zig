//! The settings of tables, as `lake_transform/one_pass.py` encodes them.
//!
//! They are entries, one after the other, and each entry holds entries: a table those of its attributes that have rules
//! or have members with rules, an attribute those of its members.
//!
//!     length of the name: 4 bytes, little-endian
//!     length of the entries inside: 4 bytes, little-endian
//!     the name
//!     one byte of flags
//!     the entries inside

const std = @import("std");

/// A table, or an attribute.
pub const Entry = struct {
    flags: u8 = 0,
    inside: []const u8 = "",

    /// Says whether a table's changes have the old image too.
    pub fn hasBefore(self: Entry) bool {
        return self.flags & 1 != 0;
    }

    /// Returns the entry of a name inside, if there is one.
    pub fn find(self: Entry, name: []const u8) ?Entry {
        var rest = self.inside;
        while (rest.len > 0) {
            const name_length: usize = std.mem.readInt(u32, rest[0..4], .little);
            const inside_length: usize = std.mem.readInt(u32, rest[4..8], .little);
            const found = rest[8..][0..name_length];
            const content = rest[8 + name_length ..][0 .. 1 + inside_length];
            if (std.mem.eql(u8, found, name)) return .{ .flags = content[0], .inside = content[1..] };
            rest = rest[8 + name_length + content.len ..];
        }
        return null;
    }
};
