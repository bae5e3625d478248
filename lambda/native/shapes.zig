//! The shape of rows, which `lake_transform/shapes.py` counts: how many columns they have, and which columns are new.

const std = @import("std");
const Column = @import("metadata.zig").Column;

/// What the caller is told of the lines of one call, and what it has been told before. All zeros before the first call.
/// The caller reads the first three members.
pub const Shapes = extern struct {
    /// The number of columns of the widest line.
    columns_at_most: u64,
    new_names_length: u64,
    /// Names of columns that are new, each ended by a newline. Names of records that were declined can be among them.
    new_names: [1_048_576]u8,
    are_metadata_told: bool,
    told_count: u64,
    // Hashes of the names that the caller was told; 0 where there is none.
    told: [capacity]u64,

    const capacity = 65_536;
    const max_told = capacity / 2;
    // Bounds the time for a name, even if names are chosen to collide.
    const max_probes = 32;

    /// Forgets what the last call was told.
    pub fn startCall(self: *Shapes) void {
        self.columns_at_most = 0;
        self.new_names_length = 0;
    }

    /// Counts a line, by the number of its columns that are not in every line.
    pub fn addLine(self: *Shapes, columns: usize) void {
        self.columns_at_most = @max(self.columns_at_most, columns + std.enums.values(Column).len);
        if (!self.are_metadata_told) {
            self.are_metadata_told = for (std.enums.values(Column)) |column| {
                if (!self.put(@tagName(column))) break false;
            } else true;
        }
    }

    /// Makes sure that the caller knows a column, and says whether it does: not if there is no room to tell its name.
    pub fn tell(self: *Shapes, hash: u64, name: []const u8) bool {
        if (self.told_count == max_told) {
            @memset(&self.told, 0);
            self.told_count = 0;
        }
        var place = hash ^ hash >> 32;
        for (0..max_probes) |_| {
            const found = &self.told[@intCast(place % capacity)];
            if (found.* == 0) {
                if (!self.put(name)) return false;
                found.* = hash;
                self.told_count += 1;
                return true;
            }
            if (found.* == hash) return true;
            place +%= 1;
        }
        return self.put(name);
    }

    fn put(self: *Shapes, name: []const u8) bool {
        const room = self.new_names[@intCast(self.new_names_length)..];
        if (room.len <= name.len) return false;
        @memcpy(room[0..name.len], name);
        room[name.len] = '\n';
        self.new_names_length += name.len + 1;
        return true;
    }
};
