//! Certificates for tests: a private certificate authority, and certificates that it signs.

use std::io;
use std::sync::Arc;

use jackfield_model::hex_encode;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A certificate authority for services and clients.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its private key, in PEM.
#[derive(Clone)]
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// The private key of the certificate.
    pub key: String,
}

/// The validity period of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Valid now.
    Now,
    /// Expired.
    Past,
    /// Not valid yet.
    Future,
}

/// Whether a service requests client certificates.
#[derive(Clone, Copy)]
pub enum Clients<'a> {
    /// The service does not request a certificate.
    Anybody,
    /// The service accepts a certificate from this authority, or no certificate. The certificate is recorded with each request.
    Known(&'a Authority),
    /// The service requires a certificate from this authority.
    Certified(&'a Authority),
}

impl Authority {
    /// Creates a certificate authority with a new key.
    ///
    /// # Errors
    /// Returns an error if the system provides no random numbers.
    pub fn new() -> io::Result<Self> {
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        // Each authority needs its own name. If names were equal, a verifier could use the wrong key and reject the signature.
        let number = hex_encode(key.public_key_raw());
        params.distinguished_name.push(DnType::CommonName, format!("Authority {}", &number[2..34]));
        CertifiedIssuer::self_signed(params, key).map(Self).map_err(io::Error::other)
    }

    /// Returns the authority's certificate, in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Signs a certificate for a host or client.
    ///
    /// # Errors
    /// Returns an error if the name is invalid.
    pub fn certify(&self, name: &str, validity: Validity) -> io::Result<Certified> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(io::Error::other)?;
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        (params.not_before, params.not_after) = match validity {
            Validity::Now => (date_time_ymd(2000, 1, 1), date_time_ymd(4000, 1, 1)),
            Validity::Past => (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1)),
            Validity::Future => (date_time_ymd(3999, 1, 1), date_time_ymd(4000, 1, 1)),
        };
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.0).map_err(io::Error::other)?;
        Ok(Certified { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    fn roots(&self) -> io::Result<Arc<RootCertStore>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).map_err(io::Error::other)?;
        Ok(Arc::new(roots))
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Certified {
    /// Returns the TLS configuration of a service with this certificate.
    pub(crate) fn server(&self, clients: Clients<'_>) -> io::Result<ServerConfig> {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
        let verifier = |authority: &Authority| -> io::Result<_> {
            Ok(WebPkiClientVerifier::builder_with_provider(authority.roots()?, Arc::clone(&provider)))
        };
        let builder = match clients {
            Clients::Anybody => builder.with_no_client_auth(),
            Clients::Known(authority) => {
                let verifier = verifier(authority)?.allow_unauthenticated().build();
                builder.with_client_cert_verifier(verifier.map_err(io::Error::other)?)
            }
            Clients::Certified(authority) => {
                let verifier = verifier(authority)?.build();
                builder.with_client_cert_verifier(verifier.map_err(io::Error::other)?)
            }
        };
        let chain = CertificateDer::from_pem_slice(self.certificate.as_bytes()).map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(io::Error::other)?;
        builder.with_single_cert(vec![chain], key).map_err(io::Error::other)
    }
}

impl std::fmt::Debug for Certified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certified")
    }
}
