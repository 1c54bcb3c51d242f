//! `Scaling` of an entry of `Services`: steps of a metric and how many tasks run in each.

use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_yaml::Node;

use crate::codes;
use crate::properties;
use crate::properties::Property;
use crate::properties::Type;

/// Seconds after a scaling in which there is no further one.
const COOLDOWN: u32 = 60;

const STEP: &[Property] = &[
    Property { name: "LowerBound", kind: Type::Number(0, 1_000_000_000) },
    Property { name: "UpperBound", kind: Type::Number(1, 1_000_000_000) },
    Property { name: "Count", kind: Type::Number(0, 5_000) },
];
const SCALING: &[Property] = &[
    Property { name: "Steps", kind: Type::Any },
    Property { name: "ScaleInCooldown", kind: Type::Number(0, 86_400) },
    Property { name: "ScaleOutCooldown", kind: Type::Number(0, 86_400) },
];

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From this value of the metric …
    pub lower: i64,
    /// … to below this one; `None`: without end …
    pub upper: Option<i64>,
    /// … so many tasks run.
    pub count: u32,
}

/// All steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// In rising order, without gaps; the last one is open.
    pub steps: Vec<Step>,
    /// Seconds after scaling in.
    pub in_cooldown: u32,
    /// Seconds after scaling out.
    pub out_cooldown: u32,
}

impl Steps {
    /// Reads `Scaling`; `None` where it is not right, which [`check`] has said.
    pub fn read(node: &Node) -> Option<Steps> {
        let map = node.as_map()?;
        let number = |name: &str| -> Option<u32> { map.get(name)?.as_str()?.parse().ok() };
        let mut steps: Vec<Step> = map.get("Steps")?.as_seq()?.iter().map(step).collect::<Option<_>>()?;
        steps.sort_by_key(|step| step.lower);
        // Above the last bound the last step holds: an application must not fall back under load.
        if let Some(last) = steps.last_mut() {
            last.upper = None;
        }
        let whole = steps.windows(2).all(|pair| matches!(pair, [a, b] if a.upper == Some(b.lower)));
        (!steps.is_empty() && whole).then(|| Steps {
            steps,
            in_cooldown: number("ScaleInCooldown").unwrap_or(COOLDOWN),
            out_cooldown: number("ScaleOutCooldown").unwrap_or(COOLDOWN),
        })
    }

    /// Returns the lower bound of the first step.
    pub fn first(&self) -> i64 {
        self.steps.first().map_or(0, |step| step.lower.max(1))
    }

    /// Returns the highest count.
    pub fn most(&self) -> u32 {
        self.steps.iter().map(|step| step.count).max().unwrap_or(1)
    }
}

fn step(node: &Node) -> Option<Step> {
    let map = node.as_map()?;
    let number = |name: &str| -> Option<i64> { map.get(name)?.as_str()?.parse().ok() };
    let count = u32::try_from(number("Count")?).ok()?;
    Some(Step { lower: number("LowerBound").unwrap_or(0), upper: number("UpperBound"), count })
}

/// Reports what is wrong with `Scaling`.
pub(crate) fn check(what: &str, node: &Node, sink: &mut Sink) {
    properties::check(&format!("`Scaling` of {what}"), node, SCALING, sink);
    let steps = node.as_map().and_then(|map| map.get("Steps")).and_then(Node::as_seq).unwrap_or_default();
    for item in steps {
        properties::check(&format!("a step of {what}"), item, STEP, sink);
    }
    if Steps::read(node).is_none() {
        sink.push(
            Diagnostic::error(codes::BAD_SCALING, format!("the steps of {what} do not follow on each other"))
                .label(node.span, "each step begins where the one before it ends")
                .help("write `Steps: [{ LowerBound: 0, UpperBound: 10, Count: 1 }, { LowerBound: 10, Count: 5 }]`"),
        );
    }
}
