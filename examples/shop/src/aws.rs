//! What a call to AWS needs: credentials, and a signature of version 4.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>

use std::time::Duration;
use std::time::Instant;

use hmac::Hmac;
use hmac::Mac;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::settings;

/// Credentials are asked for again after this time; ECS renews them long before they expire.
const FRESH: Duration = Duration::from_secs(300);

/// Credentials of the task.
#[derive(Clone)]
pub struct Credentials {
    access_key: String,
    secret_key: String,
    /// Session token of temporary credentials.
    pub token: Option<String>,
    fetched: Option<Instant>,
}

impl Credentials {
    /// Reads them from the environment, or asks the endpoint that ECS gives to a task.
    pub fn find() -> Result<Self, String> {
        if let (Some(access_key), Some(secret_key)) =
            (settings::variable("AWS_ACCESS_KEY_ID"), settings::variable("AWS_SECRET_ACCESS_KEY"))
        {
            let token = settings::variable("AWS_SESSION_TOKEN");
            return Ok(Credentials { access_key, secret_key, token, fetched: None });
        }
        let path = settings::variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            .ok_or("no AWS credentials: neither variables nor a task role")?;
        let text = ureq::get(format!("http://169.254.170.2{path}"))
            .call()
            .and_then(|mut response| response.body_mut().read_to_string())
            .map_err(|e| format!("cannot read the credentials of the task role: {e}"))?;
        let answer: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        let field = |name: &str| {
            let value = answer[name].as_str().map(str::to_owned);
            value.ok_or_else(|| format!("the credentials of the task role lack {name}"))
        };
        Ok(Credentials {
            access_key: field("AccessKeyId")?,
            secret_key: field("SecretAccessKey")?,
            token: Some(field("Token")?),
            fetched: Some(Instant::now()),
        })
    }

    /// Returns true when they should be asked for again.
    pub fn stale(&self) -> bool {
        self.fetched.is_some_and(|fetched| fetched.elapsed() > FRESH)
    }

    /// Returns the `Authorization` header for a POST to `/`. `headers` are all signed headers,
    /// lower-case and sorted; `time` is `YYYYMMDDTHHMMSSZ`.
    pub fn authorization(
        &self,
        region: &str,
        service: &str,
        time: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let request = format!("POST\n{path}\n\n{lines}\n{names}\n{}", hex(&Sha256::digest(body.as_bytes())));
        let date = &time[..8];
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request.as_bytes())));
        let mut key = format!("AWS4{}", self.secret_key).into_bytes();
        for part in [date, region, service, "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let signature = hex(&hmac(&key, to_sign.as_bytes()));
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key
        )
    }
}

/// Returns the HMAC-SHA256 of a text.
pub fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is allowed (RFC 2104), so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a time as `YYYYMMDDTHHMMSSZ`.
pub fn timestamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a date of the Gregorian calendar, in eras of 400 years that begin on 1 March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        assert_eq!(timestamp(0), "19700101T000000Z");
        assert_eq!(timestamp(951_868_799), "20000229T235959Z");
        assert_eq!(timestamp(1_440_938_160), "20150830T123600Z");
    }

    #[test]
    fn signs_as_the_test_suite_of_aws_does() {
        // "post-vanilla" of the published test suite for signature version 4.
        let credentials = Credentials {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
            fetched: None,
        };
        let headers = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
        let header = credentials.authorization("us-east-1", "service", "20150830T123600Z", "/", &headers, "");
        assert!(
            header.ends_with("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            "{header}"
        );
    }
}
