//! TLS: whom it trusts, whose certificate it shows, and what its failures mean.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CertificateError, ClientConfig, RootCertStore};

use super::connect::CheckedConnector;
use crate::call::rows::Connector;
use crate::common::environment::{Environment, Setting};
use crate::common::secret::Secret;
use crate::common::secret_text::read_file;

/// More identities than a source has callers at once; the oldest is made anew where it comes again.
const MOST_IDENTITIES: usize = 64;

pub(super) type TlsClient = Client<HttpsConnector<CheckedConnector>, Full<Bytes>>;

#[cfg(test)]
thread_local! {
    /// How many trust stores were read on this thread, which in a test is one test.
    pub(crate) static TRUST_STORES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Clients that speak TLS. One is made when it is first needed: reading the machine's certificates takes a while, and
/// may fail.
pub(super) struct Tls {
    authorities: &'static [&'static str],
    /// The variable that names the file of another, and what it names.
    variable: String,
    file: Option<PathBuf>,
    /// The connector of every connection.
    checked: CheckedConnector,
    roots: OnceLock<Result<Arc<RootCertStore>, String>>,
    plain: OnceLock<Result<TlsClient, String>>,
    identified: Mutex<Vec<(Secret, Secret, TlsClient)>>,
}

impl Tls {
    pub(super) fn of(
        connector: &'static Connector,
        environment: &Environment,
        checked: CheckedConnector,
    ) -> Self {
        let variable = Setting::CaFile.variable(connector.name);
        Self {
            authorities: connector.authorities,
            file: environment.get(&variable).map(PathBuf::from),
            variable,
            checked,
            roots: OnceLock::new(),
            plain: OnceLock::new(),
            identified: Mutex::default(),
        }
    }

    /// A client that shows no certificate.
    pub(super) fn plain(&self) -> Result<TlsClient, String> {
        let make = || Ok(self.client(self.trusting()?.with_no_client_auth()));
        self.plain.get_or_init(make).clone()
    }

    /// A client that shows that certificate, wherever it connects to.
    pub(super) fn identified(&self, chain: &Secret, key: &Secret) -> Result<TlsClient, String> {
        let mut known = self.identified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., client)) =
            known.iter().find(|(its_chain, its_key, _)| (its_chain, its_key) == (chain, key))
        {
            return Ok(client.clone());
        }
        let certificates = certificates(chain.expose().as_bytes());
        let certificates = certificates.map_err(|why| format!("the certificate {why}"))?;
        let private = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| {
            "the private key is no PEM of one, such as begins with -----BEGIN PRIVATE KEY-----; one that is \
             encrypted has to be decrypted first"
                .to_owned()
        })?;
        let config = self.trusting()?.with_client_auth_cert(certificates, private).map_err(|error| {
            match error {
            rustls::Error::InconsistentKeys(_) => {
                "the private key is that of another certificate; the connector's own stands first in the PEM"
                    .to_owned()
            }
            // Of all others the key is the cause, and none of them quotes it.
            error => format!("certificate and private key cannot be used: {error}"),
        }
        })?;
        let client = self.client(config);
        if known.len() == MOST_IDENTITIES {
            known.remove(0);
        }
        known.push((chain.clone(), key.clone(), client.clone()));
        Ok(client)
    }

    fn client(&self, config: ClientConfig) -> TlsClient {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_only()
            .enable_http1()
            .enable_http2()
            .wrap_connector(self.checked.clone());
        Client::builder(TokioExecutor::new()).build(connector)
    }

    /// The crypto is chosen here, so that no process-wide default is needed or touched.
    fn trusting(
        &self,
    ) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>, String> {
        let roots = self.roots.get_or_init(|| self.read_roots().map(Arc::new)).clone()?;
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        Ok(builder.with_root_certificates(roots))
    }

    /// Those whom the machine trusts, and the private ones beside them.
    fn read_roots(&self) -> Result<RootCertStore, String> {
        #[cfg(test)]
        TRUST_STORES.set(TRUST_STORES.get() + 1);
        let mut roots = RootCertStore::empty();
        let machine = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(machine.certs);
        let mut private: Vec<(String, Secret)> = Vec::new();
        for text in self.authorities {
            private.push(("an authority of connector.toml".to_owned(), Secret::new((*text).to_owned())));
        }
        if let Some(path) = &self.file {
            let text = read_file(path).map_err(|why| {
                format!("the user has to correct {}: {} {why}", self.variable, path.display())
            })?;
            private.push((format!("what {} names", self.variable), text));
        }
        for (whose, text) in private {
            for certificate in
                certificates(text.expose().as_bytes()).map_err(|why| format!("{whose} {why}"))?
            {
                roots.add(certificate).map_err(|error| format!("{whose} is no authority: {error}"))?;
            }
        }
        if roots.is_empty() {
            let why = machine.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
            return Err(format!("this machine has no certificates of authorities that it trusts{why}"));
        }
        Ok(roots)
    }

    /// What a failure of TLS means, and what to do about it; none where its own words are the best there are.
    pub(super) fn meaning(&self, error: &rustls::Error) -> Option<String> {
        use rustls::AlertDescription as Alert;
        let theirs = "the certificate of the service";
        let text = match error {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => format!(
                "{theirs} is of an authority that this machine does not trust. Where that is right, as with a \
                 private authority, the user has to set {} to the file of the authority's certificate, in PEM",
                self.variable
            ),
            rustls::Error::InvalidCertificate(
                CertificateError::Expired | CertificateError::ExpiredContext { .. },
            ) => format!("{theirs} has expired: whoever runs it has to renew it, unless this machine's clock is wrong"),
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
            ) => format!("{theirs} is not valid yet: the user has to look whether this machine's clock is right"),
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => format!("{theirs} is for another name than that of the address: the user has to check the address"),
            rustls::Error::InvalidCertificate(CertificateError::Revoked) => format!("{theirs} was revoked"),
            rustls::Error::InvalidCertificate(other) => format!("{theirs} is not accepted: {other}"),
            rustls::Error::InvalidMessage(_) => {
                "what answers there does not speak TLS: the user has to check the scheme and the port of the address"
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
            ) => format!("the service wants a client certificate, and did not accept what it got ({alert:?})"),
            _ => return None,
        };
        Some(text)
    }
}

/// The certificates of a PEM; what else is in it is passed over.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err("is no PEM of one, such as begins with -----BEGIN CERTIFICATE-----".to_owned()),
    }
}

/// The failure of TLS among the causes of an error, if it is one.
pub(super) fn cause<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // What an I/O error wraps is not its source.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|it| cause(it)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}
