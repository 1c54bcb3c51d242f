//! What ECS asks of the container engine, as single idempotent steps.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::time::Duration;

use bollard::Docker;
use bollard::errors::Error;
use bollard::models::ContainerCreateBody;
use bollard::models::ContainerSummary;
use bollard::models::NetworkCreateRequest;
use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::CreateContainerOptionsBuilder;
use bollard::query_parameters::CreateImageOptionsBuilder;
use bollard::query_parameters::ListContainersOptionsBuilder;
use bollard::query_parameters::ListNetworksOptionsBuilder;
use bollard::query_parameters::ListVolumesOptionsBuilder;
use bollard::query_parameters::RemoveContainerOptionsBuilder;
use futures::StreamExt;

/// Returns the message of the engine without the crate's words around it.
pub(super) fn message(error: &Error) -> String {
    match error {
        Error::DockerResponseServerError { message, .. } => message.clone(),
        Error::DockerStreamError { error } => error.clone(),
        other => other.to_string(),
    }
}

/// Returns true when the engine does not know the thing.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code: 404, .. })
}

fn by_label(instance: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("seaway.instance={instance}")])])
}

/// Makes sure that an image is there; returns its digest, or id where it has none.
pub(super) async fn ensure_image(docker: &Docker, image: &str) -> Result<Option<String>, String> {
    match docker.inspect_image(image).await {
        Ok(found) => return Ok(digest(found)),
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(message(&error)),
    }
    // Without a tag the engine would pull all of them.
    let name = image.rsplit('/').next().unwrap_or(image);
    let full =
        if name.contains(':') || name.contains('@') { image.to_owned() } else { format!("{image}:latest") };
    let options = CreateImageOptionsBuilder::default().from_image(&full).build();
    let mut progress = std::pin::pin!(docker.create_image(Some(options), None, None));
    while let Some(step) = progress.next().await {
        step.map_err(|error| message(&error))?;
    }
    docker.inspect_image(image).await.map(digest).map_err(|error| message(&error))
}

fn digest(image: bollard::models::ImageInspect) -> Option<String> {
    let repository = image.repo_digests.unwrap_or_default().into_iter().next();
    repository.and_then(|text| text.split_once('@').map(|(_, digest)| digest.to_owned())).or(image.id)
}

/// Makes sure that a network is there.
pub(super) async fn ensure_network(docker: &Docker, instance: &str, cluster: &str) -> Result<String, Error> {
    let name = network_name(instance, cluster);
    if docker.inspect_network(&name, None).await.is_ok() {
        return Ok(name);
    }
    let request = NetworkCreateRequest {
        name: name.clone(),
        driver: Some("bridge".to_owned()),
        labels: Some(HashMap::from([
            ("seaway.instance".to_owned(), instance.to_owned()),
            ("seaway.cluster".to_owned(), cluster.to_owned()),
        ])),
        ..NetworkCreateRequest::default()
    };
    match docker.create_network(request).await {
        Ok(_) => Ok(name),
        Err(Error::DockerResponseServerError { status_code: 409, .. }) => Ok(name),
        Err(error) => Err(error),
    }
}

/// Returns the name of a cluster's network.
pub(super) fn network_name(instance: &str, cluster: &str) -> String {
    format!("seaway-{cluster}-{instance}")
}

/// Removes a network, waiting a moment for containers that are just leaving it.
pub(super) async fn remove_network(docker: &Docker, name: &str) -> Result<(), Error> {
    for attempt in 0.. {
        match docker.remove_network(name).await {
            Ok(()) => return Ok(()),
            Err(error) if is_missing(&error) => return Ok(()),
            Err(error) if attempt >= 50 => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    Ok(())
}

/// Makes sure that a volume is there.
pub(super) async fn ensure_volume(
    docker: &Docker,
    name: &str,
    labels: HashMap<String, String>,
) -> Result<(), Error> {
    let request = VolumeCreateRequest {
        name: Some(name.to_owned()),
        labels: Some(labels),
        ..VolumeCreateRequest::default()
    };
    docker.create_volume(request).await.map(|_| ())
}

/// Where a container stands at the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// `created`, `running`, `exited`, …
    pub(super) status: String,
    /// It was killed for its use of memory.
    pub(super) out_of_memory: bool,
    /// Exit code, once it ended.
    pub(super) exit_code: Option<i64>,
    /// Why it did not start.
    pub(super) error: Option<String>,
    /// Container port → port of this machine.
    pub(super) ports: BTreeMap<u16, u16>,
}

impl Seen {
    /// Returns true while it runs.
    pub(super) fn running(&self) -> bool {
        matches!(self.status.as_str(), "running" | "paused" | "restarting")
    }
}

/// Looks at a container; `None` when there is none.
pub(super) async fn see(docker: &Docker, name: &str) -> Result<Option<Seen>, Error> {
    let found = match docker.inspect_container(name, None).await {
        Ok(found) => found,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let state = found.state.unwrap_or_default();
    let status = state.status.map(|status| status.to_string()).unwrap_or_default();
    let mut ports = BTreeMap::new();
    for (port, bindings) in found.network_settings.and_then(|network| network.ports).unwrap_or_default() {
        let inside = port.split('/').next().and_then(|port| port.parse().ok());
        let outside = bindings
            .unwrap_or_default()
            .iter()
            .find_map(|binding| binding.host_port.as_ref().and_then(|port| port.parse().ok()));
        if let (Some(inside), Some(outside)) = (inside, outside) {
            ports.insert(inside, outside);
        }
    }
    Ok(Some(Seen {
        exit_code: (status == "exited" || status == "dead").then_some(state.exit_code).flatten(),
        status,
        out_of_memory: state.oom_killed == Some(true),
        error: state.error.filter(|error| !error.is_empty()),
        ports,
    }))
}

/// Creates a container unless it is there and was started.
pub(super) async fn ensure_created(
    docker: &Docker,
    name: &str,
    body: ContainerCreateBody,
) -> Result<Seen, Error> {
    if let Some(seen) = see(docker, name).await? {
        if seen.status != "created" {
            return Ok(seen);
        }
        remove_container(docker, name).await?;
    }
    let options = CreateContainerOptionsBuilder::default().name(name).build();
    docker.create_container(Some(options), body).await?;
    Ok(Seen { status: "created".to_owned(), ..Seen::default() })
}

/// Removes a container by force; one that is not there is no error.
pub(super) async fn remove_container(docker: &Docker, name: &str) -> Result<(), Error> {
    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
    for _ in 0..50 {
        match docker.remove_container(name, Some(options.clone())).await {
            // 409: somebody else is removing it; come back until it is gone.
            Err(Error::DockerResponseServerError { status_code: 409, .. }) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) if is_missing(&error) => return Ok(()),
            other => return other,
        }
    }
    Ok(())
}

/// Returns all containers of this instance.
pub(super) async fn containers(docker: &Docker, instance: &str) -> Result<Vec<ContainerSummary>, Error> {
    let options = ListContainersOptionsBuilder::default().all(true).filters(&by_label(instance)).build();
    docker.list_containers(Some(options)).await
}

/// Returns the names of all networks of this instance.
pub(super) async fn networks(docker: &Docker, instance: &str) -> Result<Vec<String>, Error> {
    let options = ListNetworksOptionsBuilder::default().filters(&by_label(instance)).build();
    let found = docker.list_networks(Some(options)).await?;
    Ok(found.into_iter().filter_map(|network| network.name).collect())
}

/// Returns the names of all volumes of this instance.
pub(super) async fn volumes(docker: &Docker, instance: &str) -> Result<Vec<String>, Error> {
    let options = ListVolumesOptionsBuilder::default().filters(&by_label(instance)).build();
    let found = docker.list_volumes(Some(options)).await?;
    Ok(found.volumes.unwrap_or_default().into_iter().map(|volume| volume.name).collect())
}
