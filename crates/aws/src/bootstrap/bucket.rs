//! The artifact bucket and its key.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::template::Bootstrap;
use super::template::sub;

/// Adds the bucket: versioned, encrypted, TLS only, never public; it outlives the stack.
pub(super) fn add(wishes: &Bootstrap, resources: &mut Map<String, Value>) {
    if wishes.kms_key {
        resources.insert("ArtifactKey".to_owned(), key());
    }
    let encryption = if wishes.kms_key {
        json!({ "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": { "Fn::GetAtt": ["ArtifactKey", "Arn"] } })
    } else {
        json!({ "SSEAlgorithm": "AES256" })
    };
    resources.insert(
        "ArtifactBucket".to_owned(),
        json!({
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "BucketName": sub("seaway-${AWS::AccountId}-${AWS::Region}"),
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        { "ServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": wishes.kms_key },
                    ],
                },
                "VersioningConfiguration": { "Status": "Enabled" },
                "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] },
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": true,
                    "BlockPublicPolicy": true,
                    "IgnorePublicAcls": true,
                    "RestrictPublicBuckets": true,
                },
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "Id": "OldVersions",
                            "Status": "Enabled",
                            "NoncurrentVersionExpiration": { "NoncurrentDays": 90 },
                            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 },
                        },
                    ],
                },
                "Tags": [{ "Key": "seaway:bootstrap", "Value": "1" }],
            },
        }),
    );
    resources.insert(
        "ArtifactBucketPolicy".to_owned(),
        json!({
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": { "Ref": "ArtifactBucket" },
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "TlsOnly",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": [
                                { "Fn::GetAtt": ["ArtifactBucket", "Arn"] },
                                sub("${ArtifactBucket.Arn}/*"),
                            ],
                            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                        },
                    ],
                },
            },
        }),
    );
}

fn key() -> Value {
    json!({
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": "Artifacts of Seaway",
            "EnableKeyRotation": true,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "RightsComeFromIam",
                        "Effect": "Allow",
                        "Principal": { "AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
                        "Action": "kms:*",
                        "Resource": "*",
                    },
                ],
            },
            "Tags": [{ "Key": "seaway:bootstrap", "Value": "1" }],
        },
    })
}
