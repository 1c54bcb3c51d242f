//! `seaway releases`.

use clap::Args;

use crate::context::Context;
use crate::error::CommandResult;
use crate::error::exit;
use crate::render;
use crate::ui;

/// List the releases of the environment, newest first
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway releases --json | jq '.[0].images'")]
pub(crate) struct ReleasesArgs {
    /// At most so many
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    limit: usize,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &ReleasesArgs) -> CommandResult {
    let app = context.app_name()?;
    let cloud = context.cloud().await?;
    let mut releases = cloud.releases(&app, &context.global.env).await?;
    releases.truncate(args.limit);
    if context.ui.json() {
        context.ui.data_json(&releases);
        return Ok(exit::OK);
    }
    if releases.is_empty() {
        context
            .ui
            .status(&format!("{app} has no release in {} yet; `seaway up` makes one.", context.global.env));
        return Ok(exit::OK);
    }
    let rows: Vec<Vec<String>> = releases
        .iter()
        .map(|release| {
            vec![
                release.number.to_string(),
                release.outcome.as_str().to_owned(),
                release.action.clone(),
                release.started.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                release.finished.map(|end| render::seconds(release.started, end)).unwrap_or_default(),
                release.who.clone(),
                release.commit.as_deref().map(|commit| commit.chars().take(8).collect()).unwrap_or_default(),
                release.reason.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let header = ["RELEASE", "OUTCOME", "ACTION", "STARTED", "TOOK", "WHO", "COMMIT", "REASON"];
    context.ui.data(&ui::table(context.ui.color_stdout(), &header, &rows));
    Ok(exit::OK)
}
