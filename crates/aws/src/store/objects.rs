//! Objects of the artifact bucket, written only if nobody else did meanwhile.

use aws_sdk_s3::primitives::ByteStream;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;

use crate::AwsCloud;
use crate::failure::chain;
use crate::failure::failed;

/// What must hold for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Only {
    /// There is no object.
    IfAbsent,
    /// The object is the one with this entity tag.
    IfMatches(String),
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) bytes: Vec<u8>,
    /// Changes whenever the content does.
    pub(super) tag: String,
}

/// Codes of a condition that does not hold: `PreconditionFailed`, and the answer to the slower of two
/// writers at the same moment (Amazon S3 user guide, "Conditional writes").
fn condition_failed(error: &CloudError) -> bool {
    ["PreconditionFailed", "ConditionalRequestConflict"].iter().any(|code| error.message.starts_with(code))
}

impl AwsCloud {
    /// Returns an object; `None` when it is not there.
    pub(super) async fn get_object(&self, key: &str) -> Result<Option<Object>> {
        let operation = || format!("read {key} of bucket {}", self.bucket);
        let request = self.s3.get_object().bucket(&self.bucket).key(key);
        let answer = request.expected_bucket_owner(&self.identity.account).send().await;
        let answer = match answer.map_err(|error| self.bucket_error(failed(operation(), error))) {
            Err(error) if error.kind == ErrorKind::NotFound && !error.message.starts_with("NoSuchBucket") => {
                return Ok(None);
            }
            answer => answer?,
        };
        let tag = answer.e_tag.unwrap_or_default();
        let body = answer.body.collect().await;
        let body =
            body.map_err(|error| CloudError::new(ErrorKind::Unavailable, operation(), chain(&error)))?;
        Ok(Some(Object { bytes: body.to_vec(), tag }))
    }

    /// Writes an object; `false` when the condition did not hold.
    pub(super) async fn put_object(&self, key: &str, bytes: Vec<u8>, only: &Only) -> Result<bool> {
        let request = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .expected_bucket_owner(&self.identity.account)
            .content_type("application/json")
            .body(ByteStream::from(bytes));
        let request = match only {
            Only::IfAbsent => request.if_none_match("*"),
            Only::IfMatches(tag) => request.if_match(tag),
        };
        let operation = format!("write {key} of bucket {}", self.bucket);
        match request.send().await.map_err(|error| self.bucket_error(failed(operation, error))) {
            Ok(_) => Ok(true),
            Err(error) if condition_failed(&error) => Ok(false),
            // What was to be replaced is gone.
            Err(error) if error.message.starts_with("NoSuchKey") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes what is named by its content, unless it is there.
    pub(crate) async fn put_object_once(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        self.put_object(key, bytes, &Only::IfAbsent).await.map(drop)
    }

    /// Deletes an object if it still is the one with this entity tag.
    pub(super) async fn delete_object(&self, key: &str, tag: &str) -> Result<()> {
        let request = self.s3.delete_object().bucket(&self.bucket).key(key).if_match(tag);
        let answer = request.expected_bucket_owner(&self.identity.account).send().await;
        let operation = format!("delete {key} of bucket {}", self.bucket);
        match answer.map_err(|error| self.bucket_error(failed(operation, error))) {
            Err(error) if condition_failed(&error) || error.message.starts_with("NoSuchKey") => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Returns the keys that begin so, in order.
    pub(super) async fn list_objects(&self, prefix: &str) -> Result<Vec<String>> {
        let request = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = request.expected_bucket_owner(&self.identity.account).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let operation = format!("list {prefix} of bucket {}", self.bucket);
            let page = page.map_err(|error| self.bucket_error(failed(operation, error)))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        }
        keys.sort();
        Ok(keys)
    }

    fn bucket_error(&self, error: CloudError) -> CloudError {
        match error.kind {
            ErrorKind::NotFound if error.message.starts_with("NoSuchBucket") => error.hint(format!(
                "the account and region are not prepared: make the private bucket {} first, such as with `aws s3 mb`",
                self.bucket
            )),
            ErrorKind::AccessDenied => error.hint(format!(
                "the bucket {} must be of account {}, and the caller must have the rights of the deploy role",
                self.bucket, self.identity.account
            )),
            _ => error,
        }
    }
}
