//! Schedule expressions of EventBridge Scheduler: `cron(…)`, `rate(…)`, `at(…)`.
//!
//! Rules: EventBridge Scheduler user guide, "Schedule types in EventBridge Scheduler". A time
//! that a change of the clocks skips is skipped; one that happens twice counts once.

use croner::Cron;
use croner::parser::CronParser;
use croner::parser::Seconds;
use croner::parser::Year;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A schedule expression.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// Fields with AWS' meaning.
    Cron(Box<Cron>),
    /// Seconds between two times, counted from the beginning.
    Rate(i64),
    /// Once.
    At(DateTime),
}

impl Expression {
    /// Reads an expression, or says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Expression, String> {
        let (kind, inside) = text
            .trim()
            .strip_suffix(')')
            .and_then(|text| text.split_once('('))
            .ok_or_else(|| format!("{text:?} is none of cron(…), rate(…), at(…)"))?;
        match kind.trim() {
            "cron" => cron(inside).map(|cron| Expression::Cron(Box::new(cron))),
            "rate" => rate(inside).map(Expression::Rate),
            "at" => inside
                .trim()
                .parse()
                .map(Expression::At)
                .map_err(|_| format!("at({inside}): write at(yyyy-mm-ddThh:mm:ss)")),
            other => Err(format!("{other}(…) is none of cron(…), rate(…), at(…)")),
        }
    }

    /// Returns the first time after `after`; none when there is none any more. `from` is when the
    /// schedule was made (or its `StartDate`): rates count from there.
    pub(super) fn next(&self, zone: &TimeZone, from: Timestamp, after: Timestamp) -> Option<Timestamp> {
        match self {
            Expression::Rate(seconds) => {
                let passed = after.as_second() - from.as_second();
                let count = if passed < 0 { 1 } else { passed / seconds + 1 };
                from.checked_add(SignedDuration::from_secs(count.checked_mul(*seconds)?)).ok()
            }
            Expression::At(time) => {
                let time = zone.to_ambiguous_zoned(*time).compatible().ok()?.timestamp();
                (time > after).then_some(time)
            }
            Expression::Cron(cron) => {
                let mut civil = after.to_zoned(zone.clone()).datetime();
                loop {
                    civil = cron.find_next_occurrence(&civil, false).ok()?;
                    if civil.year() > 2199 {
                        return None;
                    }
                    let moment = zone.to_ambiguous_zoned(civil);
                    if matches!(moment.offset(), jiff::tz::AmbiguousOffset::Gap { .. }) {
                        continue;
                    }
                    // Of a time that happens twice `compatible` is the first one.
                    let time = moment.compatible().ok()?.timestamp();
                    if time > after {
                        return Some(time);
                    }
                }
            }
        }
    }
}

fn rate(inside: &str) -> Result<i64, String> {
    let wrong = || format!("rate({inside}): write rate(VALUE UNIT) with minute(s), hour(s) or day(s)");
    let mut words = inside.split_whitespace();
    let (Some(value), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return Err(wrong());
    };
    let value: i64 = value.parse().map_err(|_| wrong())?;
    if value < 1 {
        return Err(format!("rate({inside}): the value must be at least 1"));
    }
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86400,
        _ => return Err(wrong()),
    };
    value.checked_mul(seconds).ok_or_else(wrong)
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn cron(inside: &str) -> Result<Cron, String> {
    let fields: Vec<String> = inside.split_whitespace().map(str::to_ascii_uppercase).collect();
    let [minutes, hours, day, month, weekday, year] = fields.as_slice() else {
        return Err(format!(
            "cron({inside}): six fields are needed (minutes hours day-of-month month day-of-week year), \
             there are {}",
            fields.len()
        ));
    };
    if (day == "?") == (weekday == "?") {
        return Err(format!("cron({inside}): exactly one of day-of-month and day-of-week must be ?"));
    }
    check(inside, "minutes", minutes, 0, 59, &[], "")?;
    check(inside, "hours", hours, 0, 23, &[], "")?;
    check(inside, "month", month, 1, 12, &MONTHS, "")?;
    check(inside, "year", year, 1970, 2199, &[], "")?;
    check(inside, "day-of-month", day, 1, 31, &[], "?LW")?;
    check(inside, "day-of-week", weekday, 1, 7, &DAYS, "?L#")?;
    let day = day.replace('?', "*");
    // Alone it is the last day of the week.
    let weekday = if weekday == "L" { "7".to_owned() } else { weekday.replace('?', "*") };
    CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build()
        .parse(&format!("0 {minutes} {hours} {day} {month} {weekday} {year}"))
        .map_err(|error| format!("cron({inside}): {error}"))
}

/// Checks the range of the numbers, which the parser does more leniently than AWS.
fn check(
    inside: &str,
    field: &str,
    text: &str,
    least: u32,
    most: u32,
    names: &[&str],
    marks: &str,
) -> Result<(), String> {
    let wrong =
        |part: &str| Err(format!("cron({inside}): {part:?} cannot stand in {field} ({least} to {most})"));
    if text == "?" && marks.contains('?') || text == "L" && marks.contains('L') {
        return Ok(());
    }
    for item in text.split(',') {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        if step.is_some_and(|step| step.parse::<u32>().map_or(true, |step| step == 0)) {
            return wrong(item);
        }
        if range == "*" || range == "LW" && marks.contains('W') {
            continue;
        }
        let range = match range.split_once('#') {
            Some((day, nth)) if marks.contains('#') && matches!(nth, "1" | "2" | "3" | "4" | "5") => day,
            Some(_) => return wrong(item),
            None => range,
        };
        let mut bounds = Vec::new();
        for bound in range.split('-') {
            let bound = match bound.chars().last() {
                Some(mark) if bound.len() > 1 && "LW".contains(mark) && marks.contains(mark) => {
                    &bound[..bound.len() - 1]
                }
                _ => bound,
            };
            let number = bound.parse::<u32>().ok().or_else(|| {
                names
                    .iter()
                    .position(|name| *name == bound)
                    .and_then(|place| u32::try_from(place).ok())
                    .map(|place| place + 1)
            });
            match number.filter(|number| (least..=most).contains(number)) {
                Some(number) => bounds.push(number),
                None => return wrong(item),
            }
        }
        if bounds.len() > 2 || bounds.len() == 2 && bounds[0] > bounds[1] {
            return wrong(item);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;
