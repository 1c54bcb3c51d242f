use super::*;

fn next(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let expression = Expression::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let zone = TimeZone::get(zone).expect("zone");
    let from: Timestamp = "2026-01-01T00:00:00Z".parse().expect("time");
    let mut after: Timestamp = after.parse().expect("time");
    let mut times = Vec::new();
    for _ in 0..count {
        let Some(time) = expression.next(&zone, from, after) else { break };
        times.push(time.to_string());
        after = time;
    }
    times
}

/// Expression, zone, after, the times that follow. The examples of the user guide are marked.
const TIMES: &[(&str, &str, &str, &[&str])] = &[
    // User guide: 10:00 every day.
    ("cron(0 10 * * ? *)", "UTC", "2026-03-01T10:00:00Z", &["2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z"]),
    // User guide: 12:15 every day.
    ("cron(15 12 * * ? *)", "UTC", "2026-03-01T00:00:00Z", &["2026-03-01T12:15:00Z"]),
    // User guide: 18:00 every Monday to Friday.
    ("cron(0 18 ? * MON-FRI *)", "UTC", "2026-03-06T18:00:00Z", &["2026-03-09T18:00:00Z"]),
    // User guide: 08:00 on the first day of every month.
    ("cron(0 8 1 * ? *)", "UTC", "2026-01-31T09:00:00Z", &["2026-02-01T08:00:00Z", "2026-03-01T08:00:00Z"]),
    // User guide: every 15 minutes.
    (
        "cron(0/15 * * * ? *)",
        "UTC",
        "2026-03-01T00:07:00Z",
        &["2026-03-01T00:15:00Z", "2026-03-01T00:30:00Z"],
    ),
    // User guide: every 10 minutes on working days.
    ("cron(0/10 * ? * MON-FRI *)", "UTC", "2026-03-06T23:55:00Z", &["2026-03-09T00:00:00Z"]),
    // User guide: every 5 minutes from 08:00 to 17:55 on working days.
    ("cron(0/5 8-17 ? * MON-FRI *)", "UTC", "2026-03-06T17:55:00Z", &["2026-03-09T08:00:00Z"]),
    // User guide: every 30 minutes from 22:00 to 02:00 the day after, from Monday to Friday.
    ("cron(0/30 22-23,0-1 ? * MON-FRI *)", "UTC", "2026-03-09T23:30:00Z", &["2026-03-10T00:00:00Z"]),
    // User guide: 10:15 on the last Friday of each month in 2026 and 2027.
    (
        "cron(15 10 ? * 6L 2026-2027)",
        "UTC",
        "2026-03-01T00:00:00Z",
        &["2026-03-27T10:15:00Z", "2026-04-24T10:15:00Z"],
    ),
    ("cron(15 10 ? * 6L 2026-2027)", "UTC", "2027-12-31T10:15:00Z", &[]),
    ("cron(0 12 L * ? *)", "UTC", "2026-02-01T00:00:00Z", &["2026-02-28T12:00:00Z", "2026-03-31T12:00:00Z"]),
    ("cron(0 12 L 2 ? 2028)", "UTC", "2026-02-01T00:00:00Z", &["2028-02-29T12:00:00Z"]),
    // 1 August 2026 is a Saturday: the nearest working day of that month is the 3rd.
    ("cron(0 9 1W * ? *)", "UTC", "2026-08-01T00:00:00Z", &["2026-08-03T09:00:00Z"]),
    ("cron(0 9 ? * 2#1 *)", "UTC", "2026-03-01T00:00:00Z", &["2026-03-02T09:00:00Z", "2026-04-06T09:00:00Z"]),
    ("cron(0 9 ? * 1 *)", "UTC", "2026-03-02T00:00:00Z", &["2026-03-08T09:00:00Z"]),
    ("cron(0 9 ? * SUN *)", "UTC", "2026-03-02T00:00:00Z", &["2026-03-08T09:00:00Z"]),
    ("cron(0 9 ? * L *)", "UTC", "2026-03-02T00:00:00Z", &["2026-03-07T09:00:00Z"]),
    ("cron(0 9 ? * 7 *)", "UTC", "2026-03-02T00:00:00Z", &["2026-03-07T09:00:00Z"]),
    (
        "cron(0 0 1 JAN,JUL ? *)",
        "UTC",
        "2026-03-02T00:00:00Z",
        &["2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ),
    ("cron(0 0 31 * ? *)", "UTC", "2026-03-31T00:00:00Z", &["2026-05-31T00:00:00Z"]),
    ("cron(30 4 29 2 ? *)", "UTC", "2026-03-01T00:00:00Z", &["2028-02-29T04:30:00Z"]),
    ("cron(* * * * ? *)", "UTC", "2026-03-01T00:00:30Z", &["2026-03-01T00:01:00Z", "2026-03-01T00:02:00Z"]),
    ("cron(0 9 1 1 ? 2030)", "UTC", "2026-03-01T00:00:00Z", &["2030-01-01T09:00:00Z"]),
    ("cron(0 9 1 1 ? 2020)", "UTC", "2026-03-01T00:00:00Z", &[]),
    // Zones: 09:00 in Berlin is 08:00 UTC in winter and 07:00 in summer.
    (
        "cron(0 9 * * ? *)",
        "Europe/Berlin",
        "2026-03-28T00:00:00Z",
        &["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"],
    ),
    ("cron(0 9 ? * MON *)", "Asia/Tokyo", "2026-03-01T00:00:00Z", &["2026-03-02T00:00:00Z"]),
    // On 29 March 2026 there is no 02:30 in Berlin: that day is left out.
    (
        "cron(30 2 * * ? *)",
        "Europe/Berlin",
        "2026-03-28T00:00:00Z",
        &["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"],
    ),
    // On 25 October 2026 there are two 02:30: the first counts.
    (
        "cron(30 2 * * ? *)",
        "Europe/Berlin",
        "2026-10-24T23:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    ),
    (
        "cron(30 1 * * ? *)",
        "America/New_York",
        "2026-11-01T00:00:00Z",
        &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
    ),
    ("rate(5 minutes)", "UTC", "2026-01-01T00:07:00Z", &["2026-01-01T00:10:00Z", "2026-01-01T00:15:00Z"]),
    ("rate(1 minute)", "UTC", "2026-01-01T00:00:00Z", &["2026-01-01T00:01:00Z"]),
    ("rate(12 hours)", "UTC", "2026-01-01T00:00:01Z", &["2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z"]),
    ("rate(1 day)", "Europe/Berlin", "2026-01-01T10:00:00Z", &["2026-01-02T00:00:00Z"]),
    ("rate(5 minutes)", "UTC", "2025-12-31T00:00:00Z", &["2026-01-01T00:05:00Z"]),
    ("at(2026-11-20T13:00:00)", "UTC", "2026-11-01T00:00:00Z", &["2026-11-20T13:00:00Z"]),
    ("at(2026-11-20T13:00:00)", "America/New_York", "2026-11-01T00:00:00Z", &["2026-11-20T18:00:00Z"]),
    ("at(2026-11-20T13:00:00)", "UTC", "2026-11-20T13:00:00Z", &[]),
];

#[test]
fn times() {
    let mut wrong = Vec::new();
    for (text, zone, after, expected) in TIMES {
        let got = next(text, zone, after, expected.len().max(1));
        if got != *expected {
            wrong.push(format!("{text} in {zone} after {after}: {got:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults() {
    for text in [
        "",
        "0 10 * * ? *",
        "cron(0 10 * * ?)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(0 10 1 * 2 *)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 0 * ? *)",
        "cron(0 10 * 13 ? *)",
        "cron(0 10 ? * 8 *)",
        "cron(0 10 ? * 0 *)",
        "cron(0 10 * * ? 1969)",
        "cron(0/0 10 * * ? *)",
        "cron(5-1 10 * * ? *)",
        "cron(L 10 * * ? *)",
        "cron(0 10 ? * 2#6 *)",
        "rate(0 minutes)",
        "rate(-5 minutes)",
        "rate(5 seconds)",
        "rate(5)",
        "rate(5 minutes please)",
        "at(tomorrow)",
        "every(5 minutes)",
    ] {
        assert!(Expression::parse(text).is_err(), "{text}");
    }
}
