//! Schedule expressions of EventBridge Scheduler, EventBridge rules and Application Auto Scaling.

use super::super::codes;
use super::super::linter::Linter;
use super::select::report;
use super::select::values;

/// Type, path, and whether `at(…)` is allowed.
const PLACES: [(&str, &str, bool); 4] = [
    ("AWS::Scheduler::Schedule", "ScheduleExpression", true),
    ("AWS::Events::Rule", "ScheduleExpression", false),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "ScheduledActions.Schedule", true),
    ("AWS::Backup::BackupPlan", "BackupPlan.BackupPlanRule.ScheduleExpression", false),
];

pub(super) fn check(linter: &mut Linter<'_>) {
    for resource in linter.model.all() {
        for (_, path, at) in PLACES.iter().filter(|row| row.0 == resource.kind) {
            for node in values(&resource, path) {
                let Some(text) = node.as_str() else { continue };
                if let Some(fault) = fault(text, *at) {
                    report(linter, &codes::SCHEDULE, &resource, Some(node), format!("`{text}`: {fault}"));
                }
            }
        }
    }
}

/// Returns what is wrong with an expression.
fn fault(text: &str, at: bool) -> Option<String> {
    let inner = |start: &str| text.strip_prefix(start)?.strip_suffix(')');
    if let Some(rate) = inner("rate(") {
        return rate_fault(rate);
    }
    if let Some(fields) = inner("cron(") {
        return cron_fault(fields);
    }
    if let Some(time) = inner("at(").filter(|_| at) {
        let shape: String =
            time.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
        let good = shape == "0000-00-00T00:00:00";
        return (!good).then(|| "a time is `at(2026-01-31T12:00:00)`".to_owned());
    }
    Some(format!("an expression is `rate(…)`{} `cron(…)`", if at { ", `at(…)` or" } else { " or" }))
}

fn rate_fault(rate: &str) -> Option<String> {
    let words: Vec<&str> = rate.split(' ').collect();
    let [number, unit] = words.as_slice() else {
        return Some("a rate is a number and a unit, such as `rate(5 minutes)`".to_owned());
    };
    let Some(number) = number.parse::<u64>().ok().filter(|number| *number > 0) else {
        return Some("a rate is a whole number above 0".to_owned());
    };
    match (number, *unit) {
        (1, "minute" | "hour" | "day") | (2.., "minutes" | "hours" | "days") => None,
        (1, "minutes" | "hours" | "days") => Some("with 1 the unit is singular".to_owned()),
        (_, "minute" | "hour" | "day") => Some("above 1 the unit is plural".to_owned()),
        _ => Some("the unit is minutes, hours or days".to_owned()),
    }
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn cron_fault(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, day, month, weekday, year] = fields.as_slice() else {
        return Some(format!(
            "cron has six fields (minutes, hours, day of month, month, day of week, year), here {}",
            fields.len()
        ));
    };
    let checks = [
        ("minutes", *minutes, 0, 59, &[] as &[&str], 0),
        ("hours", *hours, 0, 23, &[], 0),
        ("day of month", *day, 1, 31, &[], 0),
        ("month", *month, 1, 12, &MONTHS, 1),
        ("day of week", *weekday, 1, 7, &DAYS, 1),
        ("year", *year, 1970, 2199, &[], 0),
    ];
    for (name, field, first, last, names, base) in checks {
        let days = name == "day of month" || name == "day of week";
        if !field_fits(field, first, last, names, base, days) {
            return Some(format!("`{field}` is no {name}"));
        }
    }
    match (*day == "?", *weekday == "?") {
        (false, false) => Some("one of day of month and day of week must be `?`".to_owned()),
        (true, true) => Some("only one of day of month and day of week can be `?`".to_owned()),
        _ => None,
    }
}

fn field_fits(field: &str, first: u32, last: u32, names: &[&str], base: u32, days: bool) -> bool {
    if field == "*" || (days && field == "?") {
        return true;
    }
    let number = |text: &str| -> Option<u32> {
        let upper = text.to_ascii_uppercase();
        let by_name = names.iter().position(|name| *name == upper).and_then(|at| u32::try_from(at).ok());
        let value = by_name.map(|at| at + base).or_else(|| text.parse().ok())?;
        (first..=last).contains(&value).then_some(value)
    };
    field.split(',').all(|part| {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        if step.is_some_and(|step| !step.parse::<u32>().is_ok_and(|step| step > 0)) {
            return false;
        }
        if range == "*" {
            return true;
        }
        if days && (range == "L" || range == "LW") {
            return true;
        }
        if days && let Some(rest) = range.strip_suffix(['L', 'W']) {
            return number(rest).is_some()
                || rest.strip_prefix("L-").is_some_and(|n| n.parse::<u32>().is_ok());
        }
        if days && let Some((day, nth)) = range.split_once('#') {
            return number(day).is_some() && matches!(nth, "1" | "2" | "3" | "4" | "5");
        }
        match range.split_once('-') {
            Some((from, to)) => number(from).is_some() && number(to).is_some(),
            None => number(range).is_some(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::fault;

    /// EventBridge Scheduler user guide, "Schedule types".
    #[test]
    fn expressions() {
        for (text, good) in [
            ("rate(1 minute)", true),
            ("rate(5 minutes)", true),
            ("rate(1 minutes)", false),
            ("rate(5 minute)", false),
            ("rate(0 minutes)", false),
            ("rate(5 weeks)", false),
            ("rate(5minutes)", false),
            ("cron(0 10 * * ? *)", true),
            ("cron(15 12 ? * MON-FRI *)", true),
            ("cron(0/15 * * * ? *)", true),
            ("cron(0 8 1 * ? *)", true),
            ("cron(0 9 ? * 2#1 *)", true),
            ("cron(0 0 L * ? *)", true),
            ("cron(0 0 15W * ? *)", true),
            ("cron(0 18 ? * 6L 2026-2030)", true),
            ("cron(0 0 1,15 JAN,JUL ? *)", true),
            ("cron(0 10 * * *)", false),
            ("cron(0 10 * * * *)", false),
            ("cron(0 10 ? * ? *)", false),
            ("cron(60 10 * * ? *)", false),
            ("cron(0 24 * * ? *)", false),
            ("cron(0 0 ? * FRY *)", false),
            ("at(2026-11-20T12:00:00)", true),
            ("at(2026-11-20 12:00)", false),
            ("every 5 minutes", false),
            ("0 10 * * *", false),
        ] {
            assert_eq!(fault(text, true).is_none(), good, "{text}");
        }
        assert!(fault("at(2026-11-20T12:00:00)", false).is_some());
    }
}
