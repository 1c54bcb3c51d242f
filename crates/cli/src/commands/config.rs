//! `seaway config`.

use clap::Args;
use seaway_model::Image;

use crate::context::Context;
use crate::error::CommandResult;
use crate::error::exit;

/// Print the Compose file as it is understood: merged, interpolated, in long form
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  seaway config --services")]
pub(crate) struct ConfigArgs {
    /// Only the names of the services
    #[arg(long, conflicts_with_all = ["images", "environments"])]
    services: bool,
    /// Only the images
    #[arg(long, conflicts_with = "environments")]
    images: bool,
    /// Only the names of the environments
    #[arg(long)]
    environments: bool,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &ConfigArgs) -> CommandResult {
    let lines: Vec<String> = if args.services {
        context.project()?.services.keys().cloned().collect()
    } else if args.environments {
        context.app()?.environments
    } else if args.images {
        let app = context.app()?;
        let instance = context.local_options()?.instance();
        let containers = app.workloads.values().flat_map(|workload| workload.containers.iter());
        containers
            .map(|container| match &container.image {
                Image::Reference(reference) => reference.clone(),
                Image::Build(build) => build.repository.clone().unwrap_or_else(|| {
                    // The tag is the hash of the content; `plan` and `up` show it.
                    seaway_image::local_tag(&instance, &app.name, &container.name, "")
                        .trim_end_matches(':')
                        .to_owned()
                }),
            })
            .collect()
    } else {
        let project = context.project()?;
        if context.ui.json() {
            context.ui.data_json(&project);
        } else {
            context.ui.data(&seaway_compose::to_yaml(&project));
        }
        return Ok(exit::OK);
    };
    if context.ui.json() {
        context.ui.data_json(&lines);
    } else {
        context.ui.data(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    }
    Ok(exit::OK)
}
