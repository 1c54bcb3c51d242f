//! ECR: images, and a password for the registry.

use serde_json::Value as Json;
use serde_json::json;
use sha2::Digest as _;

use crate::fake_aws::scenario::Image;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Reply;
use crate::fake_aws::time::START;
use crate::fake_aws::time::seconds;
use crate::fake_aws::world::World;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// `AWS:fake` in Base64.
const PASSWORD: &str = "QVdTOmZha2U=";

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let reply = match call.operation.as_str() {
        "GetAuthorizationToken" => Ok(token(world)),
        "DescribeImages" => describe(world, call),
        "BatchGetImage" => batch_get(world, call),
        _ => return None,
    };
    Some(reply.map(Answer::Fields))
}

/// Returns the digest of an image reference: its own, or one that is always the same for the text.
pub(crate) fn digest_of(reference: &str) -> String {
    match reference.split_once('@') {
        Some((_, digest)) => digest.to_owned(),
        None => format!("sha256:{}", hex::encode(sha2::Sha256::digest(reference.as_bytes()))),
    }
}

fn token(world: &World) -> Json {
    let twelve_hours = 12 * 3_600_000;
    // By the real clock, for a client compares it with that.
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(START);
    let crate::fake_aws::Scenario { account, region, .. } = &world.scenario;
    json!({"authorizationData": [{
        "authorizationToken": PASSWORD,
        "expiresAt": seconds(now.saturating_sub(START) + twelve_hours),
        "proxyEndpoint": format!("https://{account}.dkr.ecr.{region}.amazonaws.com"),
    }]})
}

fn digest(image: &Image) -> String {
    let name = || digest_of(&format!("{}:{}", image.repository, image.tags.join(",")));
    image.digest.clone().unwrap_or_else(name)
}

fn repository(world: &World, call: &Call) -> Result<String, Failure> {
    let name = call.text("repositoryName").unwrap_or_default();
    if world.around.repositories.contains(&name) {
        return Ok(name);
    }
    let account = &world.scenario.account;
    let message =
        format!("The repository with name '{name}' does not exist in the registry with id '{account}'");
    Err(Failure::new("RepositoryNotFoundException", message))
}

fn find<'a>(world: &'a World, repository: &str, id: &Json) -> Option<&'a Image> {
    world.around.images.iter().filter(|image| image.repository == repository).find(|image| {
        let by_tag = id["imageTag"].as_str().is_none_or(|tag| image.tags.iter().any(|found| found == tag));
        let by_digest = id["imageDigest"].as_str().is_none_or(|wanted| digest(image) == wanted);
        by_tag && by_digest
    })
}

fn describe(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = repository(world, call)?;
    let ids = call.list("imageIds");
    let mut found: Vec<&Image> = Vec::new();
    for id in &ids {
        let missing = || {
            let message = format!(
                "The image with imageId {id} does not exist within the repository with name '{name}' in the \
                 registry with id '{}'",
                world.scenario.account
            );
            Failure::new("ImageNotFoundException", message)
        };
        found.push(find(world, &name, id).ok_or_else(missing)?);
    }
    if ids.is_empty() {
        found = world.around.images.iter().filter(|image| image.repository == name).collect();
    }
    let details: Vec<Json> = found
        .iter()
        .map(|image| {
            json!({
                "registryId": world.scenario.account,
                "repositoryName": name,
                "imageDigest": digest(image),
                "imageTags": image.tags,
                "imageSizeInBytes": 52_428_800,
                "imagePushedAt": seconds(0),
                "imageManifestMediaType": MANIFEST,
                "artifactMediaType": "application/vnd.docker.container.image.v1+json",
                "imageStatus": "ACTIVE",
            })
        })
        .collect();
    Ok(json!({"imageDetails": details}))
}

/// The manifest is an index of one platform: enough to learn the architecture.
fn batch_get(world: &World, call: &Call) -> Result<Json, Failure> {
    let name = repository(world, call)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in call.list("imageIds") {
        let Some(image) = find(world, &name, &id) else {
            failures.push(json!({
                "imageId": id,
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            }));
            continue;
        };
        let media_type = "application/vnd.oci.image.index.v1+json";
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "manifests": [{
                "mediaType": MANIFEST,
                "digest": digest_of(&format!("{}/{}", digest(image), image.architecture)),
                "size": 1024,
                "platform": {"architecture": image.architecture, "os": "linux"},
            }],
        });
        let tag = id["imageTag"].as_str().or_else(|| image.tags.first().map(String::as_str));
        let mut image_id = json!({"imageDigest": digest(image)});
        if let Some(tag) = tag {
            image_id["imageTag"] = tag.into();
        }
        images.push(json!({
            "registryId": world.scenario.account,
            "repositoryName": name,
            "imageId": image_id,
            "imageManifest": manifest.to_string(),
            "imageManifestMediaType": media_type,
        }));
    }
    Ok(json!({"images": images, "failures": failures}))
}
