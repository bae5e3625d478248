//! Which names an item has used so far, known by their hashes.
//!
//! Two names that only share a hash look like one name used twice, which declines the record: never wrong, and rare.

/// A hash that grows with the name: FNV-1a, 64 bits.
pub const Hash = struct {
    value: u64 = 0xcbf29ce484222325,

    pub fn add(self: *Hash, byte: u8) void {
        self.value = (self.value ^ byte) *% 0x100000001b3;
    }
};

const Entry = extern struct { hash: u64, record: u64 };

pub const Names = extern struct {
    // All zero is an empty set.
    entries: [capacity]Entry,
    record: u64,
    used: u64,
    scopes: u64,

    const capacity = 8192;
    const most = capacity / 2;
    // However names are chosen, a record costs no more than this for each.
    const most_probes = 32;

    /// Forgets all names of the record before.
    pub fn startRecord(self: *Names) void {
        self.record += 1;
        self.used = 0;
        self.scopes = 0;
    }

    /// Returns a hash for the names of one more object, of which none is also a name of another object.
    pub fn startScope(self: *Names) Hash {
        self.scopes += 1;
        var hash: Hash = .{};
        hash.value ^= self.scopes *% 0x9e3779b97f4a7c15;
        return hash;
    }

    /// Adds a name; declines the record if it is there already, or if there is no place for it.
    pub fn add(self: *Names, hash: Hash) error{Declined}!void {
        if (self.used == most) return error.Declined;
        self.used += 1;
        var place = hash.value ^ hash.value >> 32;
        for (0..most_probes) |_| {
            const entry = &self.entries[@intCast(place % capacity)];
            if (entry.record != self.record) {
                entry.* = .{ .hash = hash.value, .record = self.record };
                return;
            }
            if (entry.hash == hash.value) return error.Declined;
            place +%= 1;
        }
        return error.Declined;
    }
};
