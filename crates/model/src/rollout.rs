//! `deploy.update_config` and `x-rollout`.

use seaway_compose::Extension;
use seaway_compose::UpdateConfig;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_yaml::Node;

use crate::Rollout;
use crate::Verify;
use crate::codes;
use crate::section::Section;

const KEYS: &[&str] = &[
    "strategy",
    "bake",
    "alarms",
    "fail_fast",
    "verify",
    "minimum_healthy",
    "maximum",
    "rollback",
    "grace_period",
];
/// Strategies of ECS that are not rolling.
const LATER: &[&str] = &["blue_green", "canary", "linear"];

impl Default for Rollout {
    /// New tasks come first, the circuit breaker rolls back, the watchdog is on.
    fn default() -> Self {
        Rollout {
            minimum_healthy: 100,
            maximum: 200,
            rollback: true,
            fail_fast: true,
            grace_period: None,
            verify: Vec::new(),
        }
    }
}

/// Returns how a service of `replicas` tasks rolls.
pub(crate) fn read(
    name: &str,
    replicas: u32,
    update: Option<&UpdateConfig>,
    extension: Option<&Extension>,
    sink: &mut Sink,
) -> Rollout {
    let mut rollout = Rollout::default();
    if let Some(update) = update {
        read_update(name, replicas, update, &mut rollout, sink);
    }
    if let Some(extension) = extension {
        read_extension(name, extension, &mut rollout, sink);
    }
    check_bounds(name, replicas, &rollout, update, extension, sink);
    rollout
}

/// Reads Compose's `update_config`: `order` says on which side the spare capacity is,
/// `parallelism` how many tasks it is.
fn read_update(name: &str, replicas: u32, update: &UpdateConfig, rollout: &mut Rollout, sink: &mut Sink) {
    let order = update.order.as_ref().map(|order| order.value.as_str());
    let parallelism = update.parallelism.as_ref().map(|number| number.value).filter(|number| *number > 0);
    let share = parallelism.map(|number| (number.saturating_mul(100)).div_ceil(replicas.max(1)).min(100));
    if order == Some("stop-first") {
        rollout.maximum = 100;
        rollout.minimum_healthy = 100 - share.unwrap_or(100);
    } else if let Some(share) = share {
        rollout.minimum_healthy = 100;
        rollout.maximum = 100 + share;
    }
    if let Some(action) = &update.failure_action {
        match action.value.as_str() {
            "rollback" => {}
            "continue" => sink.push(
                Diagnostic::warning(
                    codes::NOT_ON_ECS,
                    format!("`failure_action: continue` of service `{name}` becomes a rollback"),
                )
                .label(action.span, "ECS stops a rollout that fails")
                .help("write `rollback` or `pause`"),
            ),
            _ => rollout.rollback = false,
        }
    }
    if let Some(order) = &update.order
        && !matches!(order.value.as_str(), "start-first" | "stop-first")
    {
        sink.push(
            Diagnostic::error(
                codes::BAD_VALUE,
                format!("`update_config.order` of service `{name}` cannot be `{}`", order.value),
            )
            .label(order.span, "expected `start-first` or `stop-first`"),
        );
    }
}

fn read_extension(name: &str, extension: &Extension, rollout: &mut Rollout, sink: &mut Sink) {
    let what = format!("`x-rollout` of service `{name}`");
    let Some(section) = Section::open(&extension.node, what, KEYS, sink) else { return };
    if let Some(strategy) = section.text("strategy", sink) {
        read_strategy(&strategy.value, strategy.span, sink);
    }
    for key in ["bake", "alarms"] {
        if let Some(node) = section.get(key) {
            sink.push(
                Diagnostic::error(
                    codes::NOT_YET,
                    format!("`{key}` in `x-rollout` of service `{name}` is not supported yet"),
                )
                .label(node.span, "nothing would come of this")
                .help("take it out for now; `verify` checks a release after it"),
            );
        }
    }
    if let Some(truth) = section.truth("fail_fast", sink) {
        rollout.fail_fast = truth;
    }
    if let Some(truth) = section.truth("rollback", sink) {
        rollout.rollback = truth;
    }
    // The range of HealthCheckGracePeriodSeconds is wider; an hour without a verdict helps nobody.
    if let Some(period) = section.duration("grace_period", 0, 3_600, sink) {
        rollout.grace_period = u32::try_from(period.value).ok();
    }
    if let Some(percent) = section.percent("minimum_healthy", 0, 100, sink) {
        rollout.minimum_healthy = percent.value;
    }
    if let Some(percent) = section.percent("maximum", 100, 1_000, sink) {
        rollout.maximum = percent.value;
    }
    if let Some(node) = section.get("verify") {
        let items = match node.as_seq() {
            Some(items) => items,
            None => std::slice::from_ref(node),
        };
        rollout.verify.extend(items.iter().filter_map(|item| read_verify(name, item, sink)));
    }
}

fn read_strategy(strategy: &str, span: seaway_diag::Span, sink: &mut Sink) {
    if strategy == "rolling" {
        return;
    }
    let folded = strategy.to_ascii_lowercase().replace(['-', '/'], "_");
    if LATER.contains(&folded.as_str()) {
        sink.push(
            Diagnostic::error(
                codes::ROLLOUT_STRATEGY,
                format!("the strategy `{strategy}` is not supported yet"),
            )
            .label(span, "only `rolling` is")
            .help("take it out: a rolling release also keeps the old tasks until the new ones are healthy")
            .fix(span, "rolling"),
        );
        return;
    }
    let finding = Diagnostic::error(codes::BAD_VALUE, format!("`{strategy}` is no strategy"))
        .label(span, "not one of ECS");
    sink.push(match nearest(strategy, LATER.iter().copied().chain(["rolling"])) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(span, near),
        None => finding.help("write `rolling`"),
    });
}

fn read_verify(name: &str, node: &Node, sink: &mut Sink) -> Option<Verify> {
    if let Some(path) = node.as_str() {
        return check_path(name, path, node, sink).then(|| Verify {
            path: path.to_owned(),
            status: 200,
            contains: None,
        });
    }
    let what = format!("`verify` of service `{name}`");
    let section = Section::open(node, what, &["path", "http", "status", "contains", "command"], sink)?;
    if let Some(command) = section.get("command") {
        sink.push(
            Diagnostic::error(codes::NOT_YET, "`command` in `verify` is not supported yet")
                .label(command.span, "nothing would run this")
                .help("use `path`, or an `x-task` with `run: after`"),
        );
        return None;
    }
    let path = section.text("path", sink).or_else(|| section.text("http", sink));
    let status = section.number("status", 100, 599, sink).map_or(200, |status| status.value);
    let contains = section.text("contains", sink).map(|text| text.value);
    let Some(path) = path else {
        sink.push(
            Diagnostic::error(
                codes::VERIFY,
                format!("a check in `verify` of service `{name}` has no `path`"),
            )
            .label(node.span, "this check")
            .help("write `- { path: /health, status: 200 }`"),
        );
        return None;
    };
    let status = u16::try_from(status).unwrap_or(200);
    check_path(name, &path.value, node, sink).then_some(Verify { path: path.value, status, contains })
}

fn check_path(name: &str, path: &str, node: &Node, sink: &mut Sink) -> bool {
    if path.starts_with('/') {
        return true;
    }
    sink.push(
        Diagnostic::error(
            codes::VERIFY,
            format!("the path of a check in `verify` of service `{name}` must begin with `/`"),
        )
        .label(node.span, "this check")
        .help("the address comes from the environment; only the path is written here"),
    );
    false
}

fn check_bounds(
    name: &str,
    replicas: u32,
    rollout: &Rollout,
    update: Option<&UpdateConfig>,
    extension: Option<&Extension>,
    sink: &mut Sink,
) {
    let span = extension.map(|extension| extension.key_span).or(update.map(|update| update.span));
    let Some(span) = span else { return };
    // ECS rounds the lower bound up and the upper one down (developer guide, "Rolling update").
    let lower = u64::from(replicas) * u64::from(rollout.minimum_healthy);
    let upper = u64::from(replicas) * u64::from(rollout.maximum) / 100;
    let lower = lower.div_ceil(100);
    if replicas > 0 && upper <= lower {
        sink.push(
            Diagnostic::error(
                codes::ROLLOUT_BOUNDS,
                format!(
                    "service `{name}` could never roll: with {replicas} tasks, {}% to {}% leaves no room",
                    rollout.minimum_healthy, rollout.maximum
                ),
            )
            .label(span, "these bounds")
            .note(format!(
                "at least {lower} tasks must stay and at most {upper} may run, so no task can be replaced"
            ))
            .help("raise the maximum (200 starts all new tasks first) or lower the minimum"),
        );
    } else if replicas > 0 && lower == 0 {
        sink.push(
            Diagnostic::warning(codes::ROLLOUT_BOUNDS, format!("service `{name}` is away while it rolls"))
                .label(span, "all tasks may be stopped before a new one is healthy")
                .help("`order: start-first` keeps it serving"),
        );
    }
}
