//! `aws-chunked` bodies: how the SDKs send an object together with a checksum that follows it
//! (S3 API reference, "Signature calculations: chunked uploads").

/// Returns the object in a body of `size[;extensions]\r\n bytes\r\n … 0\r\n trailers`; the body
/// itself where it has another form.
pub(super) fn decode(body: &[u8]) -> Vec<u8> {
    read(body).unwrap_or_else(|| body.to_vec())
}

fn read(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut object = Vec::new();
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(object);
        }
        object.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn chunks_and_plain_bodies() {
        let body = b"5\r\nhello\r\n6;chunk-signature=0\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        assert_eq!(decode(body), b"hello world");
        assert_eq!(decode(b"plain"), b"plain");
    }
}
