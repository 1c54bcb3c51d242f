//! The value of a parameter: as written, or from a file.

use seaway_model::App;
use seaway_model::Resource;

use crate::common;

/// Longest value of a standard and of an advanced parameter, in bytes (SSM user guide, "tiers").
pub(super) const STANDARD: usize = 4_096;
/// See [`STANDARD`].
pub(super) const ADVANCED: usize = 8_192;

/// Returns the value, or what is wrong with it.
pub(super) fn content(resource: &Resource, app: &App) -> Result<Option<String>, String> {
    let wants = |name: &str| common::truth(common::macro_parameter(resource, name)) == Some(true);
    let Some(file) = common::text(common::macro_parameter(resource, "FromFile")) else {
        return Ok(common::text(common::property(resource, "Value")).map(ToOwned::to_owned));
    };
    let mut text = app.beside.get(file).cloned().ok_or_else(|| format!("`{file}` was not read"))?;
    if wants("ValidateJson") || wants("MinimizeJson") {
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| format!("`{file}` is no JSON: {error}"))?;
        if wants("MinimizeJson") {
            text = json.to_string();
        }
    }
    if wants("ValidateYaml") || wants("RenderToJson") {
        let mut sources = seaway_diag::SourceMap::default();
        let mut sink = seaway_diag::Sink::default();
        let id = sources.add(file.to_owned(), text.clone());
        let node = seaway_yaml::parse(id, &sources, &mut sink);
        let Some(node) = node.filter(|_| sink.count(seaway_diag::Severity::Error) == 0) else {
            return Err(format!("`{file}` is no YAML"));
        };
        if wants("RenderToJson") {
            text = node.to_json().to_string();
        }
    }
    if wants("EncodeToBase64") {
        text = base64(text.as_bytes());
    }
    Ok(Some(text))
}

/// Returns bytes in Base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS.get((group >> (18 - 6 * index)) as usize & 63).copied().unwrap_or(b'=');
            text.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
