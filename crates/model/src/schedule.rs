//! Schedules: what people write → an EventBridge Scheduler expression.
//!
//! Read: `none`, `@daily` and its kin, `@every 1h30m`, a 5-field cron line, `rate()`, `cron()`
//! and `at()` (EventBridge Scheduler user guide, "Schedule types").

use crate::duration::parse_duration;

/// Why a schedule is refused: what is wrong, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleError {
    /// What is wrong, naming the field.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

const FORMS: &str = "write `@daily`, `@every 1h30m`, a cron line such as `30 6 * * 1-5`, `rate(5 minutes)`, \
                     `cron(30 6 ? * MON *)`, `at(2027-01-31T08:00:00)` or `none`";

const NAMED: &[(&str, &str)] = &[
    ("@yearly", "cron(0 0 1 1 ? *)"),
    ("@annually", "cron(0 0 1 1 ? *)"),
    ("@monthly", "cron(0 0 1 * ? *)"),
    ("@weekly", "cron(0 0 ? * SUN *)"),
    ("@daily", "cron(0 0 * * ? *)"),
    ("@midnight", "cron(0 0 * * ? *)"),
    ("@hourly", "cron(0 * * * ? *)"),
];

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn refuse<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, ScheduleError> {
    Err(ScheduleError { message: message.into(), help: help.into() })
}

/// Returns the EventBridge Scheduler expression of a schedule; `None` for `none`.
///
/// # Errors
/// The text is no schedule; the error names the field.
pub fn read_schedule(text: &str) -> Result<Option<String>, ScheduleError> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    if text.starts_with('@') {
        return read_named(text).map(Some);
    }
    if let Some((function, argument)) = call(text) {
        return match function {
            "rate" => read_rate(argument).map(Some),
            "cron" => read_cron(argument).map(Some),
            "at" => read_at(argument).map(Some),
            _ => refuse(format!("`{function}(…)` is no kind of schedule"), FORMS),
        };
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() == 5 {
        return read_unix(&fields).map(Some);
    }
    if fields.len() == 6 {
        return refuse(
            "the cron line has 6 fields, a plain one has 5",
            format!(
                "AWS' own form is written `cron({})`; the plain form has no seconds and no year",
                fields.join(" ")
            ),
        );
    }
    refuse(format!("`{text}` is no schedule"), FORMS)
}

fn call(text: &str) -> Option<(&str, &str)> {
    let (function, rest) = text.split_once('(')?;
    Some((function, rest.strip_suffix(')')?.trim()))
}

fn read_named(text: &str) -> Result<String, ScheduleError> {
    if let Some((_, expression)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Ok((*expression).to_owned());
    }
    if let Some(every) = text.strip_prefix("@every") {
        let every = every.trim();
        let Some(seconds) = parse_duration(every) else {
            return refuse(
                format!("`{every}` after `@every` is no duration"),
                "write such as `@every 15m` or `@every 1h30m`",
            );
        };
        if seconds == 0 || seconds % 60 != 0 {
            return refuse(
                format!("`@every {every}` is not a whole number of minutes"),
                "EventBridge Scheduler counts in minutes; the smallest is `@every 1m`",
            );
        }
        let minutes = seconds / 60;
        return Ok(if minutes % 1_440 == 0 {
            rate(minutes / 1_440, "day")
        } else if minutes % 60 == 0 {
            rate(minutes / 60, "hour")
        } else {
            rate(minutes, "minute")
        });
    }
    let near = seaway_diag::nearest(text, NAMED.iter().map(|(name, _)| *name).chain(["@every"]));
    match near {
        Some(near) => refuse(format!("`{text}` is no schedule"), format!("did you mean `{near}`?")),
        None => refuse(format!("`{text}` is no schedule"), FORMS),
    }
}

fn rate(number: u64, unit: &str) -> String {
    format!("rate({number} {unit}{})", if number == 1 { "" } else { "s" })
}

fn read_rate(argument: &str) -> Result<String, ScheduleError> {
    let help = "write such as `rate(1 hour)` or `rate(5 minutes)`";
    let Some((number, unit)) = argument.split_once(' ') else {
        return refuse(format!("`rate({argument})` needs a number and a unit"), help);
    };
    let Some(number) = number.parse::<u64>().ok().filter(|number| (1..=999_999).contains(number)) else {
        return refuse(format!("the value of `rate({argument})` must be a whole number above 0"), help);
    };
    match unit.trim().trim_end_matches('s') {
        unit @ ("minute" | "hour" | "day") => Ok(rate(number, unit)),
        other => refuse(
            format!("the unit of `rate({argument})` must be minutes, hours or days, not `{other}`"),
            help,
        ),
    }
}

fn read_at(argument: &str) -> Result<String, ScheduleError> {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let fits = argument.len() == shape.len()
        && argument.chars().zip(shape.chars()).all(|(found, wanted)| match wanted {
            'd' => found.is_ascii_digit(),
            other => found == other,
        });
    let part = |from: usize, to: usize| {
        argument.get(from..to).and_then(|text| text.parse::<u32>().ok()).unwrap_or(u32::MAX)
    };
    let valid = fits
        && (1..=12).contains(&part(5, 7))
        && (1..=days_in(part(0, 4), part(5, 7))).contains(&part(8, 10))
        && part(11, 13) < 24
        && part(14, 16) < 60
        && part(17, 19) < 60;
    if valid {
        Ok(format!("at({argument})"))
    } else {
        refuse(
            format!("`at({argument})` is no moment"),
            "write `at(yyyy-mm-ddThh:mm:ss)`, such as `at(2027-01-31T08:00:00)`, without a zone",
        )
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A field of a cron expression.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
    /// Number of the first name.
    first_name: u32,
    /// Letters that it may hold beyond numbers, `,`, `-`, `*` and `/`.
    extra: &'static str,
}

const MINUTES: Field = Field { name: "minutes", least: 0, most: 59, names: &[], first_name: 0, extra: "" };
const HOURS: Field = Field { name: "hours", least: 0, most: 23, names: &[], first_name: 0, extra: "" };
const DAY_OF_MONTH: Field =
    Field { name: "day-of-month", least: 1, most: 31, names: &[], first_name: 0, extra: "?LW" };
const MONTH: Field = Field { name: "month", least: 1, most: 12, names: &MONTHS, first_name: 1, extra: "" };
const DAY_OF_WEEK: Field =
    Field { name: "day-of-week", least: 1, most: 7, names: &DAYS, first_name: 1, extra: "?L#" };
const YEAR: Field = Field { name: "year", least: 1_970, most: 2_199, names: &[], first_name: 0, extra: "" };
/// Day of the week of a plain cron line: 0 and 7 are Sunday.
const UNIX_DAY_OF_WEEK: Field =
    Field { name: "day-of-week", least: 0, most: 7, names: &DAYS, first_name: 0, extra: "" };

impl Field {
    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(index) => self.first_name + u32::try_from(index).ok()?,
            None if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()?
            }
            None => return None,
        };
        (self.least..=self.most).contains(&number).then_some(number)
    }

    fn wrong<T>(&self, text: &str) -> Result<T, ScheduleError> {
        let names = match self.names {
            [first, .., last] => format!(" or {first}-{last}"),
            _ => String::new(),
        };
        refuse(
            format!("the {} field `{text}` is wrong", self.name),
            format!(
                "it takes {}-{}{names}, with `,` `-` `*` `/`{}",
                self.least,
                self.most,
                match self.extra {
                    "" => String::new(),
                    extra => format!(" and {extra}"),
                }
            ),
        )
    }

    /// Checks a field in AWS' own form.
    fn check(&self, text: &str) -> Result<(), ScheduleError> {
        for part in text.split(',') {
            if !self.part_is_right(part, text) {
                return self.wrong(text);
            }
        }
        Ok(())
    }

    fn part_is_right(&self, part: &str, whole: &str) -> bool {
        match part {
            "*" => return true,
            "?" => return self.extra.contains('?') && whole == "?",
            "L" => return self.extra.contains('L'),
            "LW" => return self.extra.contains('W'),
            _ => {}
        }
        if self.extra.contains('W')
            && let Some(day) = part.strip_suffix('W')
        {
            return self.number(day).is_some();
        }
        if self.extra.contains('#') {
            if let Some((day, week)) = part.split_once('#') {
                return self.number(day).is_some() && matches!(week, "1" | "2" | "3" | "4" | "5");
            }
            if let Some(day) = part.strip_suffix('L') {
                return self.number(day).is_some();
            }
        }
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let step_is_right =
            step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0 && step <= self.most));
        step_is_right
            && match range.split_once('-') {
                Some((from, to)) => match (self.number(from), self.number(to)) {
                    (Some(from), Some(to)) => from <= to,
                    _ => false,
                },
                None => range == "*" || self.number(range).is_some(),
            }
    }
}

fn read_cron(argument: &str) -> Result<String, ScheduleError> {
    let fields: Vec<&str> = argument.split_whitespace().collect();
    let order = [&MINUTES, &HOURS, &DAY_OF_MONTH, &MONTH, &DAY_OF_WEEK, &YEAR];
    if fields.len() != order.len() {
        return refuse(
            format!("`cron({argument})` has {} fields, it must have 6", fields.len()),
            "they are minutes, hours, day-of-month, month, day-of-week, year; with 5 fields leave out `cron()`",
        );
    }
    for (field, text) in order.iter().zip(&fields) {
        field.check(text)?;
    }
    match (fields[2], fields[4]) {
        ("?", "?") => refuse(
            "day-of-month and day-of-week are both `?`",
            "exactly one of them must be `?`: write `*` in the one that says every day",
        ),
        ("?", _) | (_, "?") => Ok(format!("cron({})", fields.join(" "))),
        ("*", day) => refuse(
            "neither day-of-month nor day-of-week is `?`",
            format!(
                "exactly one must be `?`: write `cron({} {} ? {} {day} {})`",
                fields[0], fields[1], fields[3], fields[5]
            ),
        ),
        (day, _) => refuse(
            "neither day-of-month nor day-of-week is `?`",
            format!(
                "exactly one must be `?`: write `cron({} {} {day} {} ? {})`",
                fields[0], fields[1], fields[3], fields[5]
            ),
        ),
    }
}

fn read_unix(fields: &[&str]) -> Result<String, ScheduleError> {
    MINUTES.check(fields[0])?;
    HOURS.check(fields[1])?;
    Field { extra: "", ..DAY_OF_MONTH }.check(fields[2])?;
    MONTH.check(fields[3])?;
    UNIX_DAY_OF_WEEK.check(fields[4])?;
    let (day_of_month, day_of_week) = match (fields[2], fields[4]) {
        (day, "*") => (from_first(day, 1), "?".to_owned()),
        ("*", days) => ("?".to_owned(), aws_days(days)),
        _ => {
            return refuse(
                "the cron line sets day-of-month and day-of-week",
                "cron means *either* of them then, which AWS cannot say: leave one `*`, or write two jobs",
            );
        }
    };
    Ok(format!(
        "cron({} {} {day_of_month} {} {day_of_week} *)",
        from_first(fields[0], 0),
        from_first(fields[1], 0),
        from_first(fields[3], 1)
    ))
}

/// Returns a field with `*/5` written as AWS does: `0/5`.
fn from_first(text: &str, first: u32) -> String {
    match text.strip_prefix("*/") {
        Some(step) if !step.contains(',') => format!("{first}/{step}"),
        _ => text.to_owned(),
    }
}

/// Returns the days of a plain cron line as AWS names them: numbers differ (1 is Sunday there).
fn aws_days(text: &str) -> String {
    let mut on = [false; 7];
    for part in text.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step = step.parse::<u32>().unwrap_or(1).max(1);
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => {
                (UNIX_DAY_OF_WEEK.number(from).unwrap_or(0), UNIX_DAY_OF_WEEK.number(to).unwrap_or(6))
            }
            None if range == "*" => (0, 6),
            None => {
                let day = UNIX_DAY_OF_WEEK.number(range).unwrap_or(0);
                (day, if part.contains('/') { 6 } else { day })
            }
        };
        let mut day = from;
        while day <= to {
            if let Some(entry) = on.get_mut((day % 7) as usize) {
                *entry = true;
            }
            day += step;
        }
    }
    let days: Vec<usize> = (0..7).filter(|day| on[*day]).collect();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if days.len() > 2 && last - first + 1 == days.len() => {
            format!("{}-{}", DAYS[*first], DAYS[*last])
        }
        _ => days.iter().map(|day| DAYS[*day]).collect::<Vec<_>>().join(","),
    }
}

/// Returns true for a name that can be an IANA timezone: `UTC`, or `Area/City` with a known area.
pub(crate) fn is_timezone(name: &str) -> bool {
    if matches!(name, "UTC" | "GMT") {
        return true;
    }
    let mut parts = name.split('/');
    let area = parts.next().unwrap_or_default();
    let cities: Vec<&str> = parts.collect();
    AREAS.contains(&area)
        && (1..=2).contains(&cities.len())
        && cities.iter().all(|city| {
            !city.is_empty()
                && city.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
        })
}

/// Areas of the IANA database.
pub(crate) const AREAS: &[&str] = &[
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Etc",
    "Europe",
    "Indian",
    "Pacific",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_schedules() {
        for (written, expected) in [
            ("@daily", "cron(0 0 * * ? *)"),
            ("@hourly", "cron(0 * * * ? *)"),
            ("@weekly", "cron(0 0 ? * SUN *)"),
            ("@every 1h30m", "rate(90 minutes)"),
            ("@every 60m", "rate(1 hour)"),
            ("@every 2d", "rate(2 days)"),
            ("rate(1 minutes)", "rate(1 minute)"),
            ("rate(5 minute)", "rate(5 minutes)"),
            ("cron(30 6 ? * MON *)", "cron(30 6 ? * MON *)"),
            ("cron(0 5 1 * ? *)", "cron(0 5 1 * ? *)"),
            ("cron(0/15 8-18 ? * 2#1 2027)", "cron(0/15 8-18 ? * 2#1 2027)"),
            ("cron(0 0 L * ? *)", "cron(0 0 L * ? *)"),
            ("cron(0 0 15W * ? *)", "cron(0 0 15W * ? *)"),
            ("30 6 * * 1-5", "cron(30 6 ? * MON-FRI *)"),
            ("*/5 * * * *", "cron(0/5 * * * ? *)"),
            ("0 3 1 */2 *", "cron(0 3 1 1/2 ? *)"),
            ("0 0 * * 5-7", "cron(0 0 ? * SUN,FRI,SAT *)"),
            ("0 0 * * 0,3", "cron(0 0 ? * SUN,WED *)"),
            ("0 0 * * mon", "cron(0 0 ? * MON *)"),
            ("0 0 * * */2", "cron(0 0 ? * SUN,TUE,THU,SAT *)"),
            ("at(2028-02-29T08:00:00)", "at(2028-02-29T08:00:00)"),
        ] {
            assert_eq!(read_schedule(written), Ok(Some(expected.to_owned())), "{written}");
        }
        assert_eq!(read_schedule("none"), Ok(None));
    }

    #[test]
    fn wrong_schedules_name_the_field() {
        for (written, said) in [
            ("@daly", "no schedule"),
            ("@every 30s", "minutes"),
            ("@every soon", "no duration"),
            ("rate(5)", "number and a unit"),
            ("rate(0 minutes)", "above 0"),
            ("rate(5 weeks)", "unit"),
            ("cron(0 0 * * * *)", "neither"),
            ("cron(0 0 ? * ? *)", "both"),
            ("cron(60 0 * * ? *)", "minutes field `60`"),
            ("cron(0 24 * * ? *)", "hours field"),
            ("cron(0 0 32 * ? *)", "day-of-month field"),
            ("cron(0 0 * 13 ? *)", "month field"),
            ("cron(0 0 ? * 8 *)", "day-of-week field"),
            ("cron(0 0 * * ? 1969)", "year field"),
            ("cron(0 0 * * ?)", "5 fields"),
            ("0 0 1 * 1", "day-of-month and day-of-week"),
            ("0 0 * * * *", "6 fields"),
            ("61 0 * * *", "minutes field"),
            ("*/0 * * * *", "minutes field"),
            ("at(2027-02-29T08:00:00)", "no moment"),
            ("at(tomorrow)", "no moment"),
            ("every(5)", "no kind"),
            ("", "no schedule"),
            ("daily", "no schedule"),
            ("cron(é)", "1 fields"),
        ] {
            let error = read_schedule(written).unwrap_err();
            assert!(error.message.contains(said), "{written}: {}", error.message);
            assert!(!error.help.is_empty(), "{written}");
        }
        assert_eq!(read_schedule("@daly").unwrap_err().help, "did you mean `@daily`?");
    }

    #[test]
    fn timezones() {
        for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(is_timezone(name), "{name}");
        }
        for name in ["", "Berlin", "Europa/Berlin", "Europe/", "Europe/a/b/c", "CET time"] {
            assert!(!is_timezone(name), "{name}");
        }
    }
}
