//! The set of names that a record has used so far, as hashes.
//!
//! Two names with the same hash look like one name that is used twice, and the record is declined. That is rare, and
//! the line is right all the same, because Python writes it.

/// The hash of a name, extended byte by byte: FNV-1a, 64 bits.
pub const Hash = struct {
    value: u64 = 0xcbf29ce484222325,

    pub fn of(name: []const u8) Hash {
        var hash: Hash = .{};
        for (name) |byte| hash.add(byte);
        return hash;
    }

    pub fn add(self: *Hash, byte: u8) void {
        self.value = (self.value ^ byte) *% 0x100000001b3;
    }
};

pub const Entry = extern struct {
    hash: u64,
    record: u64,
    /// Whether the caller knows that there is a column of this name. It stays so while later records use the name.
    is_told: bool,
};

pub const Names = extern struct {
    // All zeros are an empty set.
    entries: [capacity]Entry,
    record: u64,
    used: u64,
    scopes: u64,

    const capacity = 8192;
    const max_used = capacity / 2;
    // Bounds the time for a name, even if the names of a record are chosen to collide.
    const max_probes = 32;

    /// Empties the set for the next record.
    pub fn startRecord(self: *Names) void {
        self.record += 1;
        self.used = 0;
        self.scopes = 0;
    }

    /// The start for the hashes of columns, the same in each record.
    pub const columns_scope: Hash = .{};

    /// Returns a start for the hashes of one object's names, so that they differ from those of other objects.
    pub fn startScope(self: *Names) Hash {
        self.scopes += 1;
        var hash: Hash = .{};
        hash.value ^= self.scopes *% 0x9e3779b97f4a7c15;
        return hash;
    }

    /// Adds a name. Declines the record if the name is there already, or if there is no room for it.
    pub fn add(self: *Names, hash: Hash) error{Declined}!*Entry {
        if (self.used == max_used) return error.Declined;
        self.used += 1;
        var place = hash.value ^ hash.value >> 32;
        for (0..max_probes) |_| {
            const entry = &self.entries[@intCast(place % capacity)];
            if (entry.record != self.record) {
                if (entry.hash != hash.value) entry.* = .{ .hash = hash.value, .record = 0, .is_told = false };
                entry.record = self.record;
                return entry;
            }
            if (entry.hash == hash.value) return error.Declined;
            place +%= 1;
        }
        return error.Declined;
    }
};
