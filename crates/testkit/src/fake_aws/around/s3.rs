//! S3, path style: objects with conditions.

use indexmap::IndexMap;
use md5::Digest as _;
use serde_json::Value as Json;
use serde_json::json;

use super::state::Object;
use crate::fake_aws::server::Answer;
use crate::fake_aws::server::Call;
use crate::fake_aws::server::Failure;
use crate::fake_aws::server::Raw;
use crate::fake_aws::server::Reply;
use crate::fake_aws::time::http_date;
use crate::fake_aws::time::iso;
use crate::fake_aws::world::World;

/// Answers an operation; `None` where there is none of that name.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Reply> {
    let raw = |reply: Result<Raw, Failure>| reply.map(Answer::Raw);
    Some(match call.operation.as_str() {
        "CreateBucket" => raw(create_bucket(world, call)),
        "HeadBucket" => raw(bucket(world, call).map(|_| Raw { status: 200, ..Raw::default() })),
        "PutObject" => raw(put(world, call)),
        "GetObject" => raw(get(world, call, true)),
        "HeadObject" => raw(get(world, call, false).map_err(without_body)),
        "DeleteObject" => raw(delete(world, call)),
        "ListObjectsV2" => list(world, call).map(Answer::Fields),
        _ => return None,
    })
}

fn text(call: &Call, name: &str) -> String {
    call.text(name).unwrap_or_default()
}

fn bucket(world: &World, call: &Call) -> Result<String, Failure> {
    let name = text(call, "Bucket");
    if world.around.buckets.contains_key(&name) {
        return Ok(name);
    }
    Err(Failure::new("NoSuchBucket", "The specified bucket does not exist").status(404))
}

/// An answer to HEAD has no body, so its code is the status alone.
fn without_body(failure: Failure) -> Failure {
    let status = failure.status;
    Failure::new(if status == 404 { "NotFound" } else { "" }, "").status(status)
}

fn create_bucket(world: &mut World, call: &Call) -> Result<Raw, Failure> {
    let name = text(call, "Bucket");
    if world.around.buckets.contains_key(&name) {
        let message = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Failure::new("BucketAlreadyOwnedByYou", message).status(409));
    }
    world.around.buckets.insert(name.clone(), std::collections::BTreeMap::new());
    let headers = vec![("location".into(), format!("/{name}"))];
    Ok(Raw { status: 200, headers, body: Vec::new() })
}

fn missing_key() -> Failure {
    Failure::new("NoSuchKey", "The specified key does not exist.").status(404)
}

fn failed_condition() -> Failure {
    let message = "At least one of the pre-conditions you specified did not hold";
    Failure::new("PreconditionFailed", message).status(412)
}

/// `If-Match` and `If-None-Match` of a writing call (S3 user guide, "conditional writes").
fn check(found: Option<&Object>, call: &Call) -> Result<(), Failure> {
    if let Some(wanted) = call.text("IfMatch") {
        let object = found.ok_or_else(missing_key)?;
        if wanted != "*" && wanted.trim_matches('"') != object.etag.trim_matches('"') {
            return Err(failed_condition());
        }
    }
    if call.text("IfNoneMatch").as_deref() == Some("*") && found.is_some() {
        return Err(failed_condition());
    }
    Ok(())
}

fn put(world: &mut World, call: &Call) -> Result<Raw, Failure> {
    let (bucket, key) = (bucket(world, call)?, text(call, "Key"));
    check(world.around.buckets[&bucket].get(&key), call)?;
    let etag = format!("\"{}\"", hex::encode(md5::Md5::digest(&call.body)));
    let metadata = call.parameters["Metadata"].as_object().cloned().unwrap_or_default();
    let metadata: IndexMap<String, String> = metadata
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let object = Object {
        body: call.body.clone(),
        etag: etag.clone(),
        content_type: call.text("ContentType").unwrap_or_else(|| "binary/octet-stream".to_owned()),
        metadata,
        changed_at: world.now,
    };
    if let Some(objects) = world.around.buckets.get_mut(&bucket) {
        objects.insert(key, object);
    }
    Ok(Raw { status: 200, headers: vec![("etag".into(), etag)], body: Vec::new() })
}

fn get(world: &World, call: &Call, with_body: bool) -> Result<Raw, Failure> {
    let bucket = bucket(world, call)?;
    let object = world.around.buckets[&bucket].get(&text(call, "Key")).ok_or_else(missing_key)?;
    if let Some(wanted) = call.text("IfMatch")
        && wanted.trim_matches('"') != object.etag.trim_matches('"')
    {
        return Err(failed_condition());
    }
    if call.text("IfNoneMatch").is_some_and(|known| known.trim_matches('"') == object.etag.trim_matches('"'))
    {
        return Ok(Raw {
            status: 304,
            headers: vec![("etag".into(), object.etag.clone())],
            body: Vec::new(),
        });
    }
    let mut headers = vec![
        ("etag".into(), object.etag.clone()),
        ("content-type".into(), object.content_type.clone()),
        ("last-modified".into(), http_date(object.changed_at)),
        ("accept-ranges".into(), "bytes".to_owned()),
    ];
    for (name, value) in &object.metadata {
        headers.push((format!("x-amz-meta-{name}").into(), value.clone()));
    }
    if !with_body {
        headers.push(("content-length".into(), object.body.len().to_string()));
    }
    Ok(Raw { status: 200, headers, body: if with_body { object.body.clone() } else { Vec::new() } })
}

fn delete(world: &mut World, call: &Call) -> Result<Raw, Failure> {
    let (bucket, key) = (bucket(world, call)?, text(call, "Key"));
    if call.text("IfMatch").is_some() {
        check(world.around.buckets[&bucket].get(&key), call)?;
    }
    if let Some(objects) = world.around.buckets.get_mut(&bucket) {
        objects.remove(&key);
    }
    Ok(Raw { status: 204, ..Raw::default() })
}

fn list(world: &World, call: &Call) -> Result<Json, Failure> {
    let bucket = bucket(world, call)?;
    let (prefix, delimiter) = (text(call, "Prefix"), call.text("Delimiter"));
    let after = call.text("ContinuationToken").or_else(|| call.text("StartAfter")).unwrap_or_default();
    let most: usize = call.text("MaxKeys").and_then(|text| text.parse().ok()).unwrap_or(1000);
    let (mut contents, mut prefixes, mut next) = (Vec::new(), Vec::<String>::new(), None);
    let mut last = String::new();
    for (key, object) in &world.around.buckets[&bucket] {
        if !key.starts_with(&prefix) || *key <= after {
            continue;
        }
        if contents.len() + prefixes.len() >= most {
            next = Some(last.clone());
            break;
        }
        last.clone_from(key);
        let folder = delimiter.as_ref().and_then(|delimiter| {
            let rest = &key[prefix.len()..];
            rest.find(delimiter.as_str()).map(|at| format!("{prefix}{}", &rest[..at + delimiter.len()]))
        });
        match folder {
            Some(folder) if prefixes.contains(&folder) => {}
            Some(folder) => prefixes.push(folder),
            None => contents.push(json!({
                "Key": key,
                "LastModified": iso(object.changed_at),
                "ETag": object.etag,
                "Size": object.body.len(),
                "StorageClass": "STANDARD",
            })),
        }
    }
    let prefixes: Vec<Json> = prefixes.iter().map(|prefix| json!({"Prefix": prefix})).collect();
    Ok(json!({
        "Name": bucket,
        "Prefix": prefix,
        "Delimiter": delimiter,
        "MaxKeys": most,
        "KeyCount": contents.len() + prefixes.len(),
        "IsTruncated": next.is_some(),
        "NextContinuationToken": next,
        "Contents": contents,
        "CommonPrefixes": prefixes,
    }))
}
