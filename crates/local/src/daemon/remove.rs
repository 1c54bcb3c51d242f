//! What this environment has on the container engine, and removing all of it.

use std::collections::HashMap;

use bollard::Docker;
use bollard::query_parameters::ListContainersOptionsBuilder;
use bollard::query_parameters::ListNetworksOptionsBuilder;
use bollard::query_parameters::ListVolumesOptionsBuilder;
use bollard::query_parameters::RemoveContainerOptionsBuilder;
use bollard::query_parameters::RemoveImageOptionsBuilder;
use bollard::query_parameters::RemoveVolumeOptionsBuilder;

use super::images::built;
use crate::status::ContainerCounts;
use crate::status::LocalDown;

type Filters = HashMap<String, Vec<String>>;

fn ours(instance: &str) -> Filters {
    HashMap::from([("label".to_owned(), vec![format!("seaway.instance={instance}")])])
}

/// Counts the containers; zero while the engine does not answer.
pub(super) async fn count(docker: &Docker, instance: &str) -> ContainerCounts {
    let filters = ours(instance);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let mut counts = ContainerCounts::default();
    for container in docker.list_containers(Some(options)).await.unwrap_or_default() {
        // The status is text for people in Podman's API, too: `running` is common to all.
        if container.state.is_some_and(|state| state.to_string() == "running") {
            counts.running += 1;
        } else {
            counts.stopped += 1;
        }
    }
    counts
}

/// Removes containers, networks and volumes of this environment and the images that Seaway built.
pub(super) async fn everything(docker: &Docker, instance: &str) -> LocalDown {
    let mut down = LocalDown::default();
    containers(docker, instance, &mut down).await;
    networks(docker, instance, &mut down).await;
    volumes(docker, instance, &mut down).await;
    images(docker, instance, &mut down).await;
    down
}

fn note(down: &mut LocalDown, kind: &str, name: &str, answer: Result<(), bollard::errors::Error>) {
    match answer {
        Ok(()) => *down.removed.entry(kind.to_owned()).or_default() += 1,
        // Somebody else was faster.
        Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => {}
        Err(error) => down.left.push(format!("{kind} {name}: {error}")),
    }
}

async fn containers(docker: &Docker, instance: &str, down: &mut LocalDown) {
    let filters = ours(instance);
    let list = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let found = match docker.list_containers(Some(list)).await {
        Ok(found) => found,
        Err(error) => {
            down.left.push(format!("containers cannot be listed: {error}"));
            return;
        }
    };
    // Anonymous volumes go with them.
    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
    let removals = found.into_iter().filter_map(|container| container.id).map(|id| {
        let options = options.clone();
        async move {
            let answer = docker.remove_container(&id, Some(options)).await;
            (id, answer)
        }
    });
    for (id, answer) in futures::future::join_all(removals).await {
        note(down, "containers", &id, answer);
    }
}

async fn networks(docker: &Docker, instance: &str, down: &mut LocalDown) {
    let filters = ours(instance);
    let list = ListNetworksOptionsBuilder::default().filters(&filters).build();
    let found = match docker.list_networks(Some(list)).await {
        Ok(found) => found,
        Err(error) => {
            down.left.push(format!("networks cannot be listed: {error}"));
            return;
        }
    };
    for name in found.into_iter().filter_map(|network| network.name) {
        let answer = docker.remove_network(&name).await;
        note(down, "networks", &name, answer);
    }
}

async fn volumes(docker: &Docker, instance: &str, down: &mut LocalDown) {
    let filters = ours(instance);
    let list = ListVolumesOptionsBuilder::default().filters(&filters).build();
    let found = match docker.list_volumes(Some(list)).await {
        Ok(found) => found.volumes.unwrap_or_default(),
        Err(error) => {
            down.left.push(format!("volumes cannot be listed: {error}"));
            return;
        }
    };
    for volume in found {
        let options = RemoveVolumeOptionsBuilder::default().force(true).build();
        let answer = docker.remove_volume(&volume.name, Some(options)).await;
        note(down, "volumes", &volume.name, answer);
    }
}

async fn images(docker: &Docker, instance: &str, down: &mut LocalDown) {
    let found = match built(docker, instance).await {
        Ok(found) => found,
        Err(error) => {
            down.left.push(format!("images cannot be listed: {error}"));
            return;
        }
    };
    for (tag, _) in found {
        let options = RemoveImageOptionsBuilder::default().force(false).build();
        let answer = docker.remove_image(&tag, Some(options), None).await.map(|_| ());
        match answer {
            // A container of another environment on this machine uses it.
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 409, .. }) => {}
            answer => note(down, "images", &tag, answer),
        }
    }
}
