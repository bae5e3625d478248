//! The time of a change, read and written as `lake_transform/instants.py` does.

const std = @import("std");
const Writer = @import("writer.zig").Writer;

pub const Precision = enum { unknown, millisecond, microsecond };

const second = 1_000_000;
const year_10000 = 253_402_300_800 * second;
const least_milliseconds = 100_000_000_000;
const least_microseconds = 100_000_000_000_000;

/// Returns a creation time as microseconds since the epoch.
pub fn microseconds(creation_time: u64, precision: Precision) error{Declined}!u64 {
    const unit: u64 = switch (precision) {
        .microsecond => 1,
        .millisecond => 1_000,
        .unknown => if (creation_time < least_milliseconds)
            second
        else if (creation_time < least_microseconds)
            1_000
        else
            1,
    };
    const instant = std.math.mul(u64, creation_time, unit) catch return error.Declined;
    if (instant >= year_10000) return error.Declined;
    return instant;
}

/// Writes microseconds since the epoch as `yyyy-MM-dd HH:mm:ss.SSSSSS`.
pub fn put(writer: *Writer, instant: u64) error{NoRoom}!void {
    const seconds = instant / second;
    const date = Date.fromDay(seconds / 86_400);
    var text: [26]u8 = "0000-00-00 00:00:00.000000".*;
    putDigits(text[0..4], date.year);
    putDigits(text[5..7], date.month);
    putDigits(text[8..10], date.day);
    putDigits(text[11..13], seconds / 3_600 % 24);
    putDigits(text[14..16], seconds / 60 % 60);
    putDigits(text[17..19], seconds % 60);
    putDigits(text[20..26], instant % second);
    try writer.put(&text);
}

const Date = struct {
    year: u64,
    month: u64,
    day: u64,

    /// Returns the date of a number of days since the epoch. Years start in March here, so that the leap day is a
    /// year's last day.
    fn fromDay(days: u64) Date {
        const since_year_0 = days + 719_468; // days since 0000-03-01
        const era = since_year_0 / 146_097; // an era has 400 years
        const day_of_era = since_year_0 % 146_097;
        const year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        const month_from_march = (5 * day_of_year + 2) / 153;
        const month = if (month_from_march < 10) month_from_march + 3 else month_from_march - 9;
        return .{
            .year = era * 400 + year_of_era + @intFromBool(month <= 2),
            .month = month,
            .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
        };
    }
};

fn putDigits(place: []u8, number: u64) void {
    var rest = number;
    var at = place.len;
    while (at > 0) {
        at -= 1;
        place[at] = '0' + @as(u8, @intCast(rest % 10));
        rest /= 10;
    }
}
