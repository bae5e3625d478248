//! The settings of tables, as `lake_transform/one_pass.py` encodes them.
//!
//! They are entries, one after the other, and each entry holds entries: a table those of its attributes that have rules
//! or have members with rules, an attribute those of its members.
//!
//!     length of the name: 4 bytes, little-endian
//!     length of the entries inside: 4 bytes, little-endian
//!     the name
//!     one byte of flags: of a table 1 if it has `before`, of an attribute the rule, see `Rule`; 128 more if a name inside
//!         has other spellings than its own
//!     the entries inside

const std = @import("std");

/// How an attribute is written.
pub const Rule = enum(u7) { none, json, text, hash, drop };

/// A table, or an attribute.
pub const Entry = struct {
    flags: u8 = 0,
    inside: []const u8 = "",

    /// Says whether a table's changes have the old image too.
    pub fn hasBefore(self: Entry) bool {
        return self.flags & 1 != 0;
    }

    /// Returns the rule of an attribute.
    pub fn rule(self: Entry) Rule {
        return @fromBackingInt(@intCast(self.flags & 127));
    }

    /// Returns the entry of a name inside, or an empty one. Declines a name that can be another spelling of one inside.
    pub fn find(self: Entry, name: []const u8) error{Declined}!Entry {
        var rest = self.inside;
        while (rest.len > 0) {
            const name_length: usize = std.mem.readInt(u32, rest[0..4], .little);
            const inside_length: usize = std.mem.readInt(u32, rest[4..8], .little);
            const found = rest[8..][0..name_length];
            const content = rest[8 + name_length ..][0 .. 1 + inside_length];
            if (std.mem.eql(u8, found, name)) return .{ .flags = content[0], .inside = content[1..] };
            rest = rest[8 + name_length + content.len ..];
        }
        if (self.flags & 128 != 0) {
            for (name) |byte| if (!std.ascii.isAscii(byte)) return error.Declined;
        }
        return .{};
    }
};
