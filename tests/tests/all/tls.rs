//! Calls over real TLS: trusted authorities, client certificates, and messages about failures.

use std::path::PathBuf;

use jackfield_runtime::v1::{Args, Connector, Group, Need, Request, Scheme, Server, Tool};
use jackfield_runtime::{Api, ArgError, Caller, Channel, Environment, Service};
use jackfield_testkit::{Answer, Authority, Certified, Clients, Upstream, Validity};
use serde_json::Map;

const OPEN: Tool = Tool::new("open", "GET", "/open", nothing);
const SURE: Tool = Tool::new("sure", "GET", "/sure", nothing).security(&[&[Need::scheme("certificate")]]);
const KEYED: Tool = Tool::new("keyed", "GET", "/keyed", nothing).security(&[&[Need::scheme("token")]]);
const SHOP: Connector = Connector::new("shop")
    .servers(&[Server::new("https://api.example.com")])
    .schemes(&[Scheme::mutual_tls("certificate"), Scheme::bearer("token")])
    .groups(&[Group::new("", &[&OPEN, &SURE, &KEYED])]);

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

/// A certificate authority that the test creates and writes to a file.
struct World {
    authority: Authority,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { authority: Authority::new().unwrap(), folder: tempfile::tempdir().unwrap() };
        std::fs::write(world.ca_file(), world.authority.pem()).unwrap();
        world
    }

    fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn certify(&self, name: &str, validity: Validity) -> Certified {
        self.authority.certify(name, validity).unwrap()
    }

    async fn serve(&self, certified: &Certified, clients: Clients<'_>) -> Upstream {
        Upstream::start_tls(certified, clients, |_| Answer::text(200, "come in")).await.unwrap()
    }
}

async fn call(
    connector: &'static Connector,
    variables: &[(&str, String)],
    tools: &[&str],
) -> Vec<(bool, String)> {
    let environment = Environment::of(variables.iter().map(|(name, value)| (*name, value.clone())));
    let service = Service::new(Api::new(connector, environment), Vec::new()).unwrap();
    let mut results = Vec::new();
    for tool in tools {
        let result = service.call(tool, Map::new(), &Caller::local(Channel::CommandLine)).await.unwrap();
        results.push((!result.is_error(), result.as_text().to_owned()));
    }
    results
}

static PLAIN: Connector = SHOP;

#[tokio::test]
async fn private_certificate_authority_is_trusted_if_it_is_configured() {
    let world = World::new();
    let upstream = world.serve(&world.certify("localhost", Validity::Now), Clients::Anybody).await;
    let base = ("SHOP_BASE_URL", upstream.base_url_of("localhost"));

    let refused = call(&PLAIN, std::slice::from_ref(&base), &["open"]).await.remove(0);
    assert!(
        !refused.0 && refused.1.contains("SHOP_CA_FILE") && refused.1.contains("Nothing was sent"),
        "{refused:?}"
    );
    let file = ("SHOP_CA_FILE", world.ca_file().display().to_string());
    let trusted = call(&PLAIN, &[base.clone(), file], &["open"]).await.remove(0);
    assert_eq!(trusted, (true, "come in".to_owned()));
    // The certificates in the form of generated code.
    let authorities: &'static [&'static str] =
        Box::leak(Box::new([&*Box::leak(world.authority.pem().into_boxed_str())]));
    let trusting: &'static Connector = Box::leak(Box::new(SHOP.authorities(authorities)));
    assert!(call(trusting, std::slice::from_ref(&base), &["open"]).await[0].0);

    for (file, said) in [("/nowhere/ca.pem", "cannot be read"), ("", "is not a PEM certificate")] {
        let path = if file.is_empty() { world.folder.path().join("none.pem") } else { file.into() };
        if file.is_empty() {
            std::fs::write(&path, "hello").unwrap();
        }
        let variables = [base.clone(), ("SHOP_CA_FILE", path.display().to_string())];
        let broken = call(&PLAIN, &variables, &["open"]).await.remove(0);
        let words = ["SHOP_CA_FILE", said, "Nothing was sent"];
        assert!(!broken.0 && words.iter().all(|word| broken.1.contains(word)), "{broken:?}");
    }
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn error_about_an_invalid_certificate_names_the_cause() {
    let world = World::new();
    let file = ("SHOP_CA_FILE", world.ca_file().display().to_string());
    let stranger = Authority::new().unwrap();
    for (certified, said) in [
        (world.certify("localhost", Validity::Past), "has expired"),
        (world.certify("localhost", Validity::Future), "not valid yet"),
        (world.certify("other.example", Validity::Now), "for another host name"),
        (stranger.certify("localhost", Validity::Now).unwrap(), "SHOP_CA_FILE"),
    ] {
        let upstream = world.serve(&certified, Clients::Anybody).await;
        let variables = [("SHOP_BASE_URL", upstream.base_url_of("localhost")), file.clone()];
        let (is_in, text) = call(&PLAIN, &variables, &["open"]).await.remove(0);
        assert!(!is_in && text.contains(said) && text.contains("Nothing was sent"), "{said}: {text}");
        assert_eq!(upstream.requests(), []);
    }
    let open = Upstream::answering(Answer::text(200, "come in")).await.unwrap();
    let base = open.base_url().replace("http://", "https://");
    let (is_in, text) = call(&PLAIN, &[("SHOP_BASE_URL", base), file], &["open"]).await.remove(0);
    assert!(!is_in && text.contains("does not speak TLS"), "{text}");
}

#[tokio::test]
async fn client_certificate_goes_only_to_operations_that_require_it() {
    let world = World::new();
    let server = world.certify("localhost", Validity::Now);
    let client = world.certify("canary-client", Validity::Now);
    let upstream = world.serve(&server, Clients::Known(&world.authority)).await;
    let common = [
        ("SHOP_BASE_URL", upstream.base_url_of("localhost")),
        ("SHOP_CA_FILE", world.ca_file().display().to_string()),
        ("SHOP_TOKEN", "canary-token-5e1d".to_owned()),
    ];
    let key_file = world.folder.path().join("key.pem");
    std::fs::write(&key_file, &client.key).unwrap();
    for identity in [
        vec![("SHOP_CERTIFICATE", client.certificate.clone()), ("SHOP_CERTIFICATE_KEY", client.key.clone())],
        vec![("SHOP_CERTIFICATE", format!("{}{}", client.key, client.certificate))],
        vec![
            ("SHOP_CERTIFICATE", client.certificate.clone()),
            ("SHOP_CERTIFICATE_KEY_FILE", key_file.display().to_string()),
        ],
    ] {
        let variables: Vec<_> = common.iter().cloned().chain(identity).collect();
        let results = call(&PLAIN, &variables, &["sure", "open", "keyed", "sure"]).await;
        assert!(results.iter().all(|(is_in, _)| *is_in), "{results:?}");
        let shown: Vec<_> = upstream.take().iter().map(|it| it.certificate.is_some()).collect();
        assert_eq!(shown, [true, false, false, true]);
    }
}

#[tokio::test]
async fn unusable_client_certificate_is_refused_before_sending() {
    let world = World::new();
    let server = world.certify("localhost", Validity::Now);
    let (one, other) =
        (world.certify("canary-client", Validity::Now), world.certify("canary-client", Validity::Now));
    let upstream = world.serve(&server, Clients::Known(&world.authority)).await;
    let base = ("SHOP_BASE_URL", upstream.base_url_of("localhost"));
    let file = ("SHOP_CA_FILE", world.ca_file().display().to_string());
    let no_pem = "canary-nonsense-41".to_owned();
    for (certificate, key, said) in [
        (no_pem.clone(), one.key.clone(), "the certificate is not a PEM certificate"),
        (one.certificate.clone(), no_pem, "the private key is not a PEM key"),
        (one.certificate.clone(), other.key.clone(), "belongs to another certificate"),
        (one.certificate.clone(), one.certificate.clone(), "the private key is not a PEM key"),
    ] {
        let variables =
            [base.clone(), file.clone(), ("SHOP_CERTIFICATE", certificate), ("SHOP_CERTIFICATE_KEY", key)];
        let (is_in, text) = call(&PLAIN, &variables, &["sure"]).await.remove(0);
        let words = [said, "SHOP_CERTIFICATE", "nothing was sent"];
        assert!(!is_in && words.iter().all(|word| text.contains(word)), "{said}: {text}");
        assert!(!text.contains("canary") && !text.contains("BEGIN PRIVATE KEY-----\n"), "{text}");
    }
    let (_, text) = call(&PLAIN, &[base, file], &["sure"]).await.remove(0);
    assert!(text.contains("SHOP_CERTIFICATE and SHOP_CERTIFICATE_KEY"), "{text}");
    assert_eq!(upstream.requests(), []);
}

#[tokio::test]
async fn rejected_client_certificate_is_reported() {
    let world = World::new();
    let server = world.certify("localhost", Validity::Now);
    let upstream = world.serve(&server, Clients::Certified(&world.authority)).await;
    let common = [
        ("SHOP_BASE_URL", upstream.base_url_of("localhost")),
        ("SHOP_CA_FILE", world.ca_file().display().to_string()),
    ];
    let known = world.certify("canary-client", Validity::Now);
    let unknown = Authority::new().unwrap().certify("canary-client", Validity::Now).unwrap();
    for (client, is_known) in [(known, true), (unknown, false)] {
        let identity = [("SHOP_CERTIFICATE", client.certificate), ("SHOP_CERTIFICATE_KEY", client.key)];
        let variables: Vec<_> = common.iter().cloned().chain(identity).collect();
        let (is_in, text) = call(&PLAIN, &variables, &["sure"]).await.remove(0);
        assert_eq!(is_in, is_known, "{text}");
        assert!(is_in || text.contains("wants a client certificate"), "{text}");
    }
    let (is_in, text) = call(&PLAIN, &common, &["open"]).await.remove(0);
    assert!(!is_in && text.contains("wants a client certificate"), "{text}");
}
