//! TLS clients: trusted certificate authorities, client certificates, and messages about failures.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CertificateError, ClientConfig, RootCertStore};

use super::connect::CheckedConnector;
use super::request_body::RequestBody;
use super::timed_connector::TimedConnector;
use crate::call::rows::Connector;
use crate::common::environment::{Environment, Setting};
use crate::common::secret::Secret;
use crate::common::secret_text::{SecretTextError, read_file};

/// The maximum number of client certificates with a cached TLS client. Few servers have so many callers at once.
/// Beyond the maximum, the oldest client is evicted, and is built again when it is needed.
const MOST_IDENTITIES: usize = 64;

pub(super) type TlsClient = Client<TimedConnector, RequestBody>;

#[cfg(test)]
thread_local! {
    /// The number of trust stores that were read on this thread. A test runs on one thread.
    pub(crate) static TRUST_STORES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The TLS clients. Each client is created when it is first needed, because reading the machine's certificates is
/// slow and may fail.
pub(super) struct Tls {
    authorities: Vec<String>,
    /// The variable that names a file with an additional authority, and its value.
    variable: String,
    file: Option<PathBuf>,
    /// The connector that every connection uses.
    checked: CheckedConnector,
    /// The time limit for connecting.
    limit: Duration,
    roots: OnceLock<Result<Arc<RootCertStore>, TlsError>>,
    unencrypted: OnceLock<Result<TlsClient, TlsError>>,
    plain: OnceLock<Result<TlsClient, TlsError>>,
    identified: Mutex<Vec<(Secret, Secret, TlsClient)>>,
}

impl Tls {
    pub(super) fn of(
        connector: &Connector<'_>,
        environment: &Environment,
        checked: CheckedConnector,
        limit: Duration,
    ) -> Self {
        let variable = Setting::CaFile.variable(connector.name);
        Self {
            authorities: connector.authorities.iter().map(|&pem| pem.to_owned()).collect(),
            file: environment.get(&variable).map(PathBuf::from),
            variable,
            checked,
            limit,
            roots: OnceLock::new(),
            unencrypted: OnceLock::new(),
            plain: OnceLock::new(),
            identified: Mutex::default(),
        }
    }

    /// Returns a client for `http:`, which trusts no authority and reads no certificates. It has the same type as
    /// the TLS clients, because a second type would compile all of hyper's client twice.
    pub(super) fn unencrypted(&self) -> Result<TlsClient, TlsError> {
        let make = || {
            let config = builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
            let connector =
                HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
            let inner = connector.wrap_connector(self.checked.clone());
            let connector = TimedConnector { inner, limit: self.limit };
            Ok(Client::builder(TokioExecutor::new()).build(connector))
        };
        self.unencrypted.get_or_init(make).clone()
    }

    /// Returns a client without a client certificate.
    pub(super) fn plain(&self) -> Result<TlsClient, TlsError> {
        let make = || Ok(self.client(self.trusting()?.with_no_client_auth()));
        self.plain.get_or_init(make).clone()
    }

    /// Returns a client that presents the client certificate `chain` to every server.
    pub(super) fn identified(&self, chain: &Secret, key: &Secret) -> Result<TlsClient, TlsError> {
        let mut known = self.identified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., client)) =
            known.iter().find(|(its_chain, its_key, _)| (its_chain, its_key) == (chain, key))
        {
            return Ok(client.clone());
        }
        let certificates = certificates(chain.expose().as_bytes()).ok_or(TlsError::Certificate)?;
        let private = PrivateKeyDer::from_pem_slice(key.expose().as_bytes());
        let private = private.map_err(|_| TlsError::PrivateKey)?;
        let config = self.trusting()?.with_client_auth_cert(certificates, private);
        let config = config.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::KeyOfAnotherCertificate,
            error => TlsError::Identity(error),
        })?;
        let client = self.client(config);
        if known.len() == MOST_IDENTITIES {
            known.remove(0);
        }
        known.push((chain.clone(), key.clone(), client.clone()));
        Ok(client)
    }

    fn client(&self, config: ClientConfig) -> TlsClient {
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .enable_http2()
            .wrap_connector(self.checked.clone());
        Client::builder(TokioExecutor::new()).build(TimedConnector { inner, limit: self.limit })
    }

    fn trusting(
        &self,
    ) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, TlsError> {
        let roots = self.roots.get_or_init(|| self.read_roots().map(Arc::new)).clone()?;
        Ok(builder()?.with_root_certificates(roots))
    }

    /// Reads the certificate authorities of the machine, and the additional authorities.
    fn read_roots(&self) -> Result<RootCertStore, TlsError> {
        #[cfg(test)]
        TRUST_STORES.set(TRUST_STORES.get() + 1);
        let mut roots = RootCertStore::empty();
        let machine = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(machine.certs);
        let mut private: Vec<(AuthoritySource, Secret)> = Vec::new();
        for text in &self.authorities {
            private.push((AuthoritySource::Connector, Secret::new(text.clone())));
        }
        if let Some(path) = &self.file {
            let variable = || self.variable.clone();
            let text = read_file(path).map_err(|why| TlsError::AuthorityFile {
                variable: variable(),
                path: path.clone(),
                why,
            })?;
            private.push((AuthoritySource::Variable(variable()), text));
        }
        for (source, text) in private {
            let certificates = certificates(text.expose().as_bytes());
            for certificate in certificates.ok_or_else(|| TlsError::AuthorityNotPem(source.clone()))? {
                let added = roots.add(certificate);
                added.map_err(|error| TlsError::NoAuthority { source: source.clone(), error })?;
            }
        }
        if roots.is_empty() {
            let cause = machine.errors.first().map(ToString::to_string);
            return Err(TlsError::NothingTrusted { cause });
        }
        Ok(roots)
    }

    /// Returns a message with a remedy for a TLS failure, or `None` if the message of `error` itself is better.
    pub(super) fn meaning(&self, error: &rustls::Error) -> Option<String> {
        use rustls::AlertDescription as Alert;
        let theirs = "the certificate of the service";
        let text = match error {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => format!(
                "{theirs} was issued by an authority that this machine does not trust. If it is a private authority that should \
                 be trusted, the user has to set {} to the file of the authority's certificate, in PEM",
                self.variable
            ),
            rustls::Error::InvalidCertificate(
                CertificateError::Expired | CertificateError::ExpiredContext { .. },
            ) => format!("{theirs} has expired: the operator of the service has to renew it, unless this machine's clock is wrong"),
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
            ) => format!("{theirs} is not valid yet: the user has to check this machine's clock"),
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => format!("{theirs} is for another host name than the URL has: the user has to check the URL"),
            rustls::Error::InvalidCertificate(CertificateError::Revoked) => format!("{theirs} was revoked"),
            rustls::Error::InvalidCertificate(other) => format!("{theirs} is not accepted: {other}"),
            rustls::Error::InvalidMessage(_) => {
                "the server does not speak TLS at this port: the user has to check the scheme and the port of the URL"
                    .to_owned()
            }
            rustls::Error::AlertReceived(
                alert @ (Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateExpired
                | Alert::CertificateRevoked
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::DecryptError
                | Alert::AccessDenied),
            ) => format!("the service wants a client certificate, and did not accept the certificate that was sent, if any ({alert:?})"),
            _ => return None,
        };
        Some(text)
    }
}

/// Chooses the crypto provider explicitly, so that no process-wide default is needed or changed.
fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, TlsError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(TlsError::Versions)
}

/// Returns the certificates in a PEM file. Other entries are ignored. Returns `None` if the file contains no
/// readable certificate.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty())
}

/// The reason why certificates or a private key cannot be used. The text contains neither.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TlsError {
    /// The client certificate is not PEM.
    Certificate,
    /// The private key is not PEM.
    PrivateKey,
    KeyOfAnotherCertificate,
    /// The private key is invalid. The underlying error is dropped, because it may contain the key.
    Identity(rustls::Error),
    Versions(rustls::Error),
    /// The certificate file that a variable names cannot be read.
    AuthorityFile {
        variable: String,
        path: PathBuf,
        why: SecretTextError,
    },
    AuthorityNotPem(AuthoritySource),
    NoAuthority {
        source: AuthoritySource,
        error: rustls::Error,
    },
    /// The machine has no trusted certificate authorities. Contains the message of the operating system.
    NothingTrusted {
        cause: Option<String>,
    },
}

/// The source of an additional authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthoritySource {
    Connector,
    Variable(String),
}

impl fmt::Display for AuthoritySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connector => f.write_str("an authority of connector.toml"),
            Self::Variable(variable) => write!(f, "the file that {variable} names"),
        }
    }
}

/// The error text for a file or value without a certificate. It follows the name of the file or value.
const NO_CERTIFICATE: &str = "is not a PEM certificate, which begins with -----BEGIN CERTIFICATE-----";

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate => write!(f, "the certificate {NO_CERTIFICATE}"),
            Self::PrivateKey => f.write_str(
                "the private key is not a PEM key, which begins with -----BEGIN PRIVATE KEY-----; an encrypted key has to be \
                 decrypted first",
            ),
            Self::KeyOfAnotherCertificate => f.write_str(
                "the private key belongs to another certificate; the certificate of the connector has to be the first in the PEM file",
            ),
            Self::Identity(error) => write!(f, "the certificate and the private key cannot be used: {error}"),
            Self::Versions(error) => error.fmt(f),
            Self::AuthorityFile { variable, path, why } => {
                write!(f, "the user has to correct {variable}: {} {why}", path.display())
            }
            Self::AuthorityNotPem(source) => write!(f, "{source} {NO_CERTIFICATE}"),
            Self::NoAuthority { source, error } => write!(f, "{source} is not a certificate authority: {error}"),
            Self::NothingTrusted { cause } => {
                f.write_str("this machine has no trusted certificate authorities")?;
                cause.as_ref().map_or(Ok(()), |cause| write!(f, ": {cause}"))
            }
        }
    }
}

impl std::error::Error for TlsError {}

/// Returns the TLS failure among the causes of an error, if there is one.
pub(super) fn cause<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // For an I/O error, `source` skips the error that it wraps, so `get_ref` is used.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|it| cause(it)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}
