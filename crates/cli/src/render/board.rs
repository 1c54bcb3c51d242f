//! What the live tree shows: the events folded into one picture.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::event::DeploymentRow;
use seaway_cloud::event::Event;
use seaway_cloud::event::EventKind;

use crate::render::words;
use crate::ui::Tone;

/// A line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) indent: usize,
    pub(crate) sign: &'static str,
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

/// A stack in the tree.
#[derive(Clone, Debug, Default)]
struct Branch {
    state: String,
    reason: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    resources: IndexMap<String, (String, String, Option<String>)>,
    deployments: Vec<DeploymentRow>,
    tasks: IndexMap<String, (String, bool)>,
}

/// The picture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    title: String,
    started: Option<Timestamp>,
    branches: IndexMap<String, Branch>,
    images: IndexMap<String, (String, String)>,
}

impl Board {
    /// Takes an event in. Returns what is to stay on the terminal above the tree.
    pub(crate) fn apply(&mut self, event: &Event) -> Option<(Tone, String)> {
        self.started.get_or_insert(event.time);
        let stack = event.stack.clone().or_else(|| event.workload.clone()).unwrap_or_default();
        match &event.kind {
            EventKind::Started { stacks, .. } => {
                self.title = words::line(&event.kind).map(|(_, text)| text).unwrap_or_default();
                for stack in stacks {
                    self.branches
                        .entry(stack.clone())
                        .or_insert_with(|| Branch { state: "waiting".to_owned(), ..Branch::default() });
                }
                None
            }
            // What did not change is not worth a line.
            EventKind::Image { state, .. } if state == "unchanged" => None,
            EventKind::Image { service, state, .. } => {
                let text = words::line(&event.kind).map(|(_, text)| text).unwrap_or_default();
                self.images.insert(service.clone(), (state.clone(), text));
                None
            }
            EventKind::Stack { state, reason } => {
                let branch = self.branches.entry(stack).or_default();
                if state.ends_with("IN_PROGRESS") && branch.since.is_none() {
                    branch.since = Some(event.time);
                }
                branch.until = (!state.ends_with("IN_PROGRESS")).then_some(event.time);
                branch.state.clone_from(state);
                branch.reason.clone_from(reason);
                None
            }
            EventKind::Resource { logical_id, description, status, reason, .. } => {
                let branch = self.branches.entry(stack).or_default();
                branch
                    .resources
                    .insert(logical_id.clone(), (description.clone(), status.clone(), reason.clone()));
                None
            }
            EventKind::Deployments { rows } => {
                self.branches.entry(stack).or_default().deployments.clone_from(rows);
                None
            }
            EventKind::Task { id, exit_code, reason, status, .. } => {
                let text = words::line(&event.kind).map(|(_, text)| text).unwrap_or_default();
                let failed =
                    status == "STOPPED" && (exit_code.is_some_and(|code| code != 0) || reason.is_some());
                self.branches.entry(stack).or_default().tasks.insert(id.clone(), (text, failed));
                None
            }
            EventKind::Heartbeat { .. } | EventKind::ServiceEvent { .. } | EventKind::Finished { .. } => None,
            EventKind::Message { .. } | EventKind::Log { .. } | EventKind::Check { .. } => {
                let (tone, text) = words::line(&event.kind)?;
                let subject = words::subject(event).map(|name| format!("{name}: ")).unwrap_or_default();
                Some((words::level(event.level, tone), format!("{subject}{text}")))
            }
        }
    }

    /// Returns the tree at time `now`, at most `height` lines: details of what is done go first.
    pub(crate) fn lines(&self, now: Timestamp, height: usize) -> Vec<Line> {
        for detail in [2, 1, 0] {
            let lines = self.draw(now, detail);
            if lines.len() <= height || detail == 0 {
                return fit(lines, height);
            }
        }
        Vec::new()
    }

    fn draw(&self, now: Timestamp, detail: u8) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(started) = self.started {
            let title = if self.title.is_empty() { "preparing" } else { &self.title };
            let text = format!("{title}  {}", words::seconds(started, now));
            lines.push(Line { indent: 0, sign: "", tone: Tone::Strong, text });
        }
        for (state, text) in self.images.values() {
            if detail > 0 || state == "building" || state == "failed" {
                let (sign, tone) = words::sign(state);
                lines.push(Line { indent: 1, sign, tone, text: text.clone() });
            }
        }
        for (name, branch) in &self.branches {
            branch.draw(name, now, detail, &mut lines);
        }
        lines
    }
}

impl Branch {
    fn busy(&self) -> bool {
        self.state.ends_with("IN_PROGRESS")
    }

    fn draw(&self, name: &str, now: Timestamp, detail: u8, lines: &mut Vec<Line>) {
        let (sign, tone) = words::sign(&self.state);
        let took = self
            .since
            .map(|since| format!("  {}", words::seconds(since, self.until.unwrap_or(now))))
            .unwrap_or_default();
        let reason =
            words::telling(self.reason.as_deref()).map(|reason| format!("  {reason}")).unwrap_or_default();
        lines.push(Line { indent: 1, sign, tone, text: format!("{name}  {}{took}{reason}", self.state) });
        if !self.busy() && !self.state.contains("FAILED") && !self.state.contains("ROLLBACK") {
            return;
        }
        if detail > 0 {
            for (logical_id, (description, status, reason)) in &self.resources {
                let done = status.ends_with("COMPLETE");
                if done && (detail < 2 || !self.busy()) {
                    continue;
                }
                let (sign, tone) = words::sign(status);
                let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                let text = format!("{description} ({logical_id})  {status}{reason}");
                lines.push(Line { indent: 2, sign, tone, text });
            }
            if self.busy() {
                for row in &self.deployments {
                    lines.push(Line { indent: 3, sign: "", tone: Tone::Plain, text: words::deployment(row) });
                }
            }
        }
        for (text, failed) in self.tasks.values().rev().take(4) {
            if *failed || (detail > 0 && self.busy()) {
                let tone = if *failed { Tone::Bad } else { Tone::Dim };
                lines.push(Line { indent: 3, sign: "", tone, text: text.clone() });
            }
        }
    }
}

/// Cuts to `height` lines and says how many are missing.
fn fit(mut lines: Vec<Line>, height: usize) -> Vec<Line> {
    if lines.len() > height && height > 1 {
        let missing = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(Line { indent: 1, sign: "", tone: Tone::Dim, text: format!("… and {missing} more") });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use seaway_cloud::event::Level;
    use seaway_cloud::event::Phase;

    fn event(second: i64, stack: Option<&str>, kind: EventKind) -> Event {
        Event {
            time: Timestamp::from_second(second).unwrap(),
            seq: 1,
            level: Level::Info,
            phase: Phase::Apply,
            stack: stack.map(str::to_owned),
            workload: None,
            kind,
        }
    }

    fn board() -> Board {
        let mut board = Board::default();
        let stacks = (0..30).map(|index| format!("shop-local-{index}")).collect();
        board.apply(&event(
            0,
            None,
            EventKind::Started {
                action: "up".into(),
                app: "shop".into(),
                env: "local".into(),
                stacks,
                release: Some(2),
            },
        ));
        board.apply(&event(
            1,
            Some("shop-local-0"),
            EventKind::Stack { state: "CREATE_IN_PROGRESS".into(), reason: None },
        ));
        board.apply(&event(
            2,
            Some("shop-local-0"),
            EventKind::Resource {
                logical_id: "Service".into(),
                resource_type: "AWS::ECS::Service".into(),
                description: "an ECS service".into(),
                status: "CREATE_IN_PROGRESS".into(),
                reason: None,
            },
        ));
        board
    }

    #[test]
    fn the_tree_fits_the_height() {
        let board = board();
        let now = Timestamp::from_second(5).unwrap();
        for height in [2, 5, 24, 60] {
            assert!(board.lines(now, height).len() <= height, "{height}");
        }
        let all = board.lines(now, 60);
        assert_eq!(all[0].text, "up shop in local, release 2  5.0s");
        assert_eq!(all[1].text, "shop-local-0  CREATE_IN_PROGRESS  4.0s");
        assert_eq!(all[2].text, "an ECS service (Service)  CREATE_IN_PROGRESS");
        assert!(board.lines(now, 24).last().unwrap().text.starts_with("… and "));
    }

    #[test]
    fn messages_stay_above_the_tree() {
        let mut board = board();
        let kept = board.apply(&event(3, None, EventKind::Message { text: "hello".into() }));
        assert_eq!(kept, Some((Tone::Plain, "hello".to_owned())));
    }
}
