//! The context as a tar stream: sorted, without times and owners, so that equal contexts are
//! equal bytes and the engine's build cache hits.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Write;

use bytes::Bytes;
use futures::Stream;
use futures::stream;
use tar::Builder;
use tar::EntryType;
use tar::Header;
use tokio::sync::mpsc;

use crate::context::Context;
use crate::context::EntryKind;

const CHUNK: usize = 64 * 1024;

/// Returns the archive. It is written by a thread while it is read; an error ends the stream.
pub(crate) fn stream(context: Context) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(8);
    tokio::task::spawn_blocking(move || {
        let mut sink = Sink { sender: sender.clone(), buffer: Vec::with_capacity(CHUNK) };
        let written = write(&context, &mut sink).and_then(|()| sink.flush());
        if let Err(error) = written {
            // Nobody listens: the build has failed for another reason.
            let _ = sender.blocking_send(Err(error));
        }
    });
    stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) })
}

/// Writes the archive.
pub(crate) fn write(context: &Context, sink: &mut impl Write) -> io::Result<()> {
    let mut archive = Builder::new(sink);
    for entry in &context.entries {
        let mut header = Header::new_gnu();
        header.set_mode(entry.mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        match &entry.kind {
            EntryKind::Folder => {
                header.set_entry_type(EntryType::Directory);
                archive.append_data(&mut header, format!("{}/", entry.path), io::empty())?;
            }
            EntryKind::Link(target) => {
                header.set_entry_type(EntryType::Symlink);
                archive.append_link(&mut header, &entry.path, target)?;
            }
            EntryKind::Text(text) => {
                header.set_size(u64::try_from(text.len()).unwrap_or(u64::MAX));
                archive.append_data(&mut header, &entry.path, text.as_bytes())?;
            }
            EntryKind::File => {
                let path = context.root.join(&entry.path);
                let named = |error: io::Error| io::Error::new(error.kind(), format!("{path}: {error}"));
                let file = File::open(&path).map_err(named)?;
                let size = file.metadata().map_err(named)?.len();
                header.set_size(size);
                let mut content = Exact { inner: file, left: size };
                archive.append_data(&mut header, &entry.path, &mut content).map_err(named)?;
            }
        }
    }
    archive.finish()
}

/// Reads exactly as much as the header says: a file that grows is cut, one that shrinks is an
/// error, for the rest of the archive would be garbage.
struct Exact {
    inner: File,
    left: u64,
}

impl Read for Exact {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let length = self.inner.read(&mut buffer[..most])?;
        if length == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file changed while it was read"));
        }
        self.left -= u64::try_from(length).unwrap_or(0);
        Ok(length)
    }
}

struct Sink {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        self.sender
            .blocking_send(Ok(chunk.into()))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the engine does not read on"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;

    use super::*;
    use crate::BuildSpec;

    #[test]
    fn equal_contexts_are_equal_bytes() {
        let make = || {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("sub")).unwrap();
            for name in ["Dockerfile", "sub/a", &"long".repeat(40)] {
                fs::write(folder.path().join(name), name).unwrap();
            }
            std::os::unix::fs::symlink("a", folder.path().join("sub/link")).unwrap();
            let context = Utf8Path::from_path(folder.path()).unwrap().to_owned();
            let spec = BuildSpec { context, ..BuildSpec::default() };
            let mut bytes = Vec::new();
            write(&Context::read(&spec).unwrap(), &mut bytes).unwrap();
            bytes
        };
        let bytes = make();
        assert_eq!(bytes, make());
        let mut archive = tar::Archive::new(bytes.as_slice());
        let found: Vec<(String, u64)> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.path().unwrap().to_str().unwrap().to_owned(), entry.header().mtime().unwrap())
            })
            .collect();
        let long = "long".repeat(40);
        let paths = ["Dockerfile", &long, "sub/", "sub/a", "sub/link"];
        assert_eq!(found, paths.map(|path| (path.to_owned(), 0)));
    }
}
