//! The certificate of the server, which is reloaded after a renewal.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::mcp::error::{ServeError, ServeFault};
use crate::mcp::options::TlsFiles;

/// The interval at which the server checks whether the certificate was renewed.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The certificate and the key of the server.
pub(super) struct Certificate {
    files: TlsFiles,
    loaded: Mutex<Loaded>,
}

struct Loaded {
    config: Arc<ServerConfig>,
    changed: [Option<SystemTime>; 2],
    looked: Instant,
}

impl Certificate {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, or if the key does not belong to the certificate.
    pub(super) fn read(files: TlsFiles) -> Result<Self, ServeError> {
        let (changed, config) = (changed(&files), config(&files)?);
        let loaded = Loaded { config, changed, looked: Instant::now() };
        Ok(Self { files, loaded: Mutex::new(loaded) })
    }

    /// Returns an acceptor with the newest certificate. If the newest certificate cannot be used, the previous
    /// certificate stays in use.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.looked.elapsed() >= LOOK_EVERY {
            loaded.looked = Instant::now();
            let changed = changed(&self.files);
            if changed != loaded.changed {
                match config(&self.files) {
                    Ok(config) => {
                        (loaded.config, loaded.changed) = (config, changed);
                        tracing::info!("the renewed certificate is in use");
                    }
                    // The files may be half-written during a renewal, so the next check tries again.
                    Err(error) => {
                        tracing::error!(%error, "the new certificate cannot be used; the old one stays in use");
                    }
                }
            }
        }
        TlsAcceptor::from(Arc::clone(&loaded.config))
    }
}

/// Returns the time of the last change of each file.
fn changed(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|path| fs::metadata(path).and_then(|it| it.modified()).ok())
}

fn config(files: &TlsFiles) -> Result<Arc<ServerConfig>, ServeError> {
    let refused =
        |path: &Path, reason: String| ServeError::from(ServeFault::Certificate(path.to_owned(), reason));
    let read = |path: &PathBuf| fs::read(path).map_err(|error| refused(path, error.to_string()));
    let text = read(&files.certificate)?;
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain
        .ok_or_else(|| refused(&files.certificate, "the file contains no certificate in PEM".to_owned()))?;
    let key = zeroize::Zeroizing::new(read(&files.key)?);
    // The error is not shown, because it may quote the file.
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| refused(&files.key, "the file contains no private key in PEM".to_owned()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let made = builder.and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    let mut config = made.map_err(|error| refused(&files.certificate, error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let files = TlsFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        files
    }

    #[tokio::test(start_paused = true)]
    async fn renewed_certificate_is_used_unless_it_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::read(write(folder.path(), "shop.example.com")).unwrap();
        let now = |certificate: &Certificate| Arc::as_ptr(certificate.acceptor().config());
        let first = now(&certificate);
        let age = |path: &Path, seconds| {
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(seconds)).unwrap();
        };
        fs::write(folder.path().join("cert.pem"), "half").unwrap();
        age(&folder.path().join("cert.pem"), 10);
        tokio::time::advance(LOOK_EVERY).await;
        assert_eq!(now(&certificate), first);
        write(folder.path(), "shop.example.com");
        age(&folder.path().join("cert.pem"), 20);
        tokio::time::advance(LOOK_EVERY).await;
        assert_ne!(now(&certificate), first);
    }

    #[test]
    fn error_about_certificate_file_names_the_file_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let files = write(folder.path(), "shop.example.com");
        let other = write(
            &{
                let other = folder.path().join("other");
                fs::create_dir(&other).unwrap();
                other
            },
            "shop.example.com",
        );
        let why = |certificate: &Path, key: &Path| {
            let files = TlsFiles { certificate: certificate.to_owned(), key: key.to_owned() };
            Certificate::read(files).err().unwrap().to_string()
        };
        let missing = folder.path().join("missing.pem");
        assert!(why(&missing, &files.key).contains("missing.pem"));
        assert!(why(&files.key, &files.key).contains("no certificate"));
        let swapped = why(&files.certificate, &files.certificate);
        assert!(swapped.contains("no private key") && !swapped.contains("BEGIN"), "{swapped}");
        assert!(why(&files.certificate, &other.key).contains("cert.pem"));
    }
}
