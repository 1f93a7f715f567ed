use super::*;
use crate::call::args::{ArgError, Args};
use crate::call::request::Request;
use crate::v1::{Connector, Group, Server, ServerVariable, Tool};

const TENANT: &[ServerVariable] = &[ServerVariable::new("tenant")];
static PLAIN: Connector = Connector::new("shop")
    .servers(&[Server::new("https://api.example.com/v1")])
    .origins(&["https://b.example.org"]);
static TENANTS: Connector =
    Connector::new("shop").servers(&[Server::new("https://{tenant}.example.com").variables(TENANT)]);
static HERE: Connector = Connector::new("shop").servers(&[Server::new("http://127.0.0.1:8080")]);
static ANYWHERE: Connector = Connector::new("shop").servers(&[Server::new("http://localhost:8080")]);
static RELATIVE: Connector = Connector::new("shop").servers(&[Server::new("/v1")]);
static OPEN: Connector = Connector::new("shop").servers(&[Server::new("http://api.example.com")]);
static ANY: Connector =
    Connector::new("shop").servers(&[Server::new("{address}").variables(&[ServerVariable::new("address")])]);

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

static UPLOAD: Tool = Tool::new("upload", "POST", "/", nothing).server("https://uploads.example.com");
static UPLOADS: Connector = PLAIN_WITH_TOOL.groups(&[Group::new("", &[&UPLOAD])]);
const PLAIN_WITH_TOOL: Connector = Connector::new("shop").servers(&[Server::new("https://api.example.com")]);

/// Checks whether credentials may be sent to `address`, set as `SHOP_BASE_URL`.
fn goes(connector: &Connector, address: &str) -> Result<(), String> {
    let environment = Environment::of([("SHOP_BASE_URL", address)]);
    let permitted = permitted(connector, &BaseUrl::parse(address).unwrap(), &environment);
    permitted.map_err(|why| why.to_string())
}

#[test]
fn credentials_are_sent_only_to_origins_of_the_document_or_the_user() {
    for (connector, address, expected) in [
        (&PLAIN, "https://api.example.com", true),
        (&PLAIN, "HTTPS://API.example.com:443/v2", true),
        (&PLAIN, "https://b.example.org/x", true),
        (&PLAIN, "https://api.example.com:8443", false),
        (&PLAIN, "http://api.example.com", false),
        (&PLAIN, "https://api.example.com.evil.net", false),
        (&PLAIN, "https://evil.net/api.example.com", false),
        (&UPLOADS, "https://uploads.example.com/v2", true),
        // A test server on this machine is allowed.
        (&PLAIN, "http://127.0.0.1:4000", true),
        (&PLAIN, "http://localhost:4000/v1", true),
        (&PLAIN, "http://[::1]:4000", true),
        (&PLAIN, "unix:///run/shop.sock", true),
        (&PLAIN, "http://127.0.0.1.evil.net", false),
        (&PLAIN, "http://localhost.evil.net", false),
        // If the document itself declares this machine, another port is another service.
        (&HERE, "http://127.0.0.1:8080/v1", true),
        (&HERE, "http://127.0.0.1:8081", false),
        (&HERE, "http://localhost:8080", false),
        (&HERE, "unix:///run/shop.sock", false),
        (&HERE, "https://api.example.com", false),
        // `localhost` means the reader's own machine, so it declares no origin.
        (&ANYWHERE, "http://localhost:8080/v1", true),
        (&ANYWHERE, "http://127.0.0.1:4000", true),
        (&ANYWHERE, "https://own.example.net/v1", true),
        (&ANYWHERE, "http://own.example.net/v1", false),
        // Only the user names the origin. Even then, credentials are not sent over plain HTTP.
        (&RELATIVE, "https://own.example.net/v1", true),
        (&RELATIVE, "http://own.example.net/v1", false),
        (&ANY, "https://own.example.net", true),
        (&ANY, "http://own.example.net", false),
        (&OPEN, "http://api.example.com", true),
        (&OPEN, "https://api.example.com", false),
    ] {
        assert_eq!(goes(connector, address).is_ok(), expected, "{address}: {:?}", connector.servers);
    }
}

#[test]
fn origin_template_does_not_match_hosts_outside_its_fixed_domain() {
    for (address, expected) in [
        ("https://acme.example.com", true),
        ("https://acme.example.com:443", true),
        ("https://eu.acme.example.com", true),
        ("https://ACME.Example.com", true),
        ("https://example.com", false),
        ("https://.example.com", false),
        ("https://acme.example.com:8443", false),
        ("https://acme.example.com.evil.net", false),
        ("https://evil.net/x.example.com", false),
        ("https://evil.net:1.example.com", false),
        ("http://acme.example.com", false),
    ] {
        // Other checks refuse invalid URLs earlier.
        let goes = BaseUrl::parse(address).is_ok() && goes(&TENANTS, address).is_ok();
        assert_eq!(goes, expected, "{address}");
    }
    let fits = |template: &str, variables, origin: &str| {
        let server = Server::new(Box::leak(template.to_owned().into_boxed_str())).variables(variables);
        names(&server, &Origin::parse(origin).unwrap())
    };
    const REGION: &[ServerVariable] = &[ServerVariable::new("region").allowed(&["eu", "us"])];
    assert!(fits("https://{region}.example.com", REGION, "https://us.example.com"));
    assert!(!fits("https://{region}.example.com", REGION, "https://mars.example.com"));
    assert!(fits("{scheme}://x.example:{port}/v1", &[], "http://x.example:81"));
    assert!(!fits("{scheme}://x.example:{port}/v1", &[], "http://y.example:81"));
    assert!(!fits("https://{a}{b}{c}{d}{e}{f}{g}{h}!", &[], &format!("https://{}", "a".repeat(250))));
    let many = format!("https://{}.example", "{a}".repeat(2000));
    assert!(fits(&many, &[], &format!("https://{}.example", "x".repeat(2000))));
}

#[test]
fn origin_added_by_the_user_receives_credentials() {
    let address = "https://other.example.net";
    let why = goes(&PLAIN, address).unwrap_err();
    for word in ["https://api.example.com", "SHOP_BASE_URL", address, "SHOP_ORIGINS"] {
        assert!(why.contains(word), "{word}: {why}");
    }
    let why = goes(&RELATIVE, "http://own.example.net").unwrap_err();
    assert!(why.contains("not encrypted") && why.contains("SHOP_ORIGINS to http://own.example.net"), "{why}");
    for (listed, expected) in [
        ("https://other.example.net", true),
        ("https://a.example https://OTHER.example.net:443/v2", true),
        ("https://a.example,https://other.example.net", true),
        ("http://other.example.net", false),
        ("other.example.net", false),
        ("*", false),
    ] {
        let environment = Environment::of([("SHOP_BASE_URL", address), ("SHOP_ORIGINS", listed)]);
        let base = BaseUrl::parse(address).unwrap();
        assert_eq!(permitted(&PLAIN, &base, &environment).is_ok(), expected, "{listed}");
    }
}

#[test]
fn server_of_the_document_receives_credentials() {
    let none = Environment::of::<&str, &str>([]);
    let to = |connector, address| permitted(connector, &BaseUrl::parse(address).unwrap(), &none).is_ok();
    assert!(to(&TENANTS, "https://acme.example.com"));
    assert!(to(&OPEN, "http://api.example.com/v1"));
    // The user has set `SHOP_SERVER_ADDRESS`, but plain HTTP is refused.
    assert!(to(&ANY, "https://own.example.net") && !to(&ANY, "http://own.example.net"));
    assert!(to(&ANY, "http://127.0.0.1:80"));
}
