//! Images that Seaway built here: old ones are removed, for every change of a source file makes a
//! new one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::ListImagesOptionsBuilder;
use bollard::query_parameters::RemoveImageOptionsBuilder;

use super::machine::Machine;

/// Images that Seaway built are named so.
const IMAGES: &str = "seaway.local/";
/// So many images of a service are kept, for going back; those that task definitions name and those
/// that containers use are kept anyway.
const KEPT: usize = 10;
/// How often is looked.
const PAUSE: Duration = Duration::from_secs(600);

/// Returns the tags of all images that were built for `instance`, with the time of their making in
/// seconds since 1970.
///
/// # Errors
/// The engine does not answer.
pub(super) async fn built(
    docker: &Docker,
    instance: &str,
) -> Result<Vec<(String, i64)>, bollard::errors::Error> {
    let ours = format!("{IMAGES}{instance}/");
    let found = docker.list_images(Some(ListImagesOptionsBuilder::default().build())).await?;
    Ok(found
        .into_iter()
        .flat_map(|image| image.repo_tags.into_iter().map(move |tag| (tag, image.created)))
        .filter(|(tag, _)| tag.starts_with(&ours))
        .collect())
}

/// Removes what is not needed any more, for ever.
pub(super) async fn housekeeping(machine: Arc<Machine>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let Ok(built) = built(&machine.docker, &machine.instance).await else { continue };
        for tag in surplus(built, &machine.ecs.images()) {
            let options = RemoveImageOptionsBuilder::default().force(false).build();
            // One that a container uses is refused.
            if machine.docker.remove_image(&tag, Some(options), None).await.is_ok() {
                machine.log.line(&format!("removed the old image {tag}"));
            }
        }
    }
}

/// Returns the tags beyond the newest [`KEPT`] of each service that are not in `used`.
fn surplus(built: Vec<(String, i64)>, used: &BTreeSet<String>) -> Vec<String> {
    let mut services: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for (tag, made) in built {
        let service = tag.rsplit_once(':').map_or(tag.as_str(), |(service, _)| service).to_owned();
        services.entry(service).or_default().push((made, tag));
    }
    let old = services.into_values().flat_map(|mut images| {
        images.sort();
        let surplus = images.len().saturating_sub(KEPT);
        images.truncate(surplus);
        images
    });
    old.map(|(_, tag)| tag).filter(|tag| !used.contains(tag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_nobody_needs_go() {
        let mut built: Vec<(String, i64)> =
            (0..13).map(|number| (format!("seaway.local/i/shop/web:{number}"), 100 - number)).collect();
        built.push(("seaway.local/i/shop/api:1".to_owned(), 1));
        let used = BTreeSet::from(["seaway.local/i/shop/web:12".to_owned()]);
        assert_eq!(surplus(built, &used), ["seaway.local/i/shop/web:11", "seaway.local/i/shop/web:10"]);
    }
}
