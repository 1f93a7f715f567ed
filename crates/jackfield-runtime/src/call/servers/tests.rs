use super::*;
use crate::call::args::Args;
use crate::call::request::Request;
use crate::v1::{Connector, Server, ServerVariable, Tool};

const REGION: ServerVariable = ServerVariable::new("region").default("eu").allowed(&["eu", "us"]);
const PORT: ServerVariable = ServerVariable::new("port").default("8443");
const BASE: ServerVariable = ServerVariable::new("base").default("v2");
static SHOP: Connector = Connector::new("book-shop").servers(&[
    Server::new("https://{region}.example.com:{port}/{base}")
        .description("Production (main)")
        .variables(&[REGION, PORT, BASE]),
    Server::new("https://test.example.com").description("Test").name("sandbox"),
    Server::new("{address}").description("Your own"),
]);

fn nothing(_: &Args, _: &mut Request) -> Result<(), crate::call::args::ArgError> {
    Ok(())
}

fn to(variables: &[(&str, &str)]) -> Result<String, String> {
    let tool = Tool::new("tool", "GET", "/", nothing);
    let environment = Environment::of(variables.iter().copied());
    let base = base(&SHOP, &tool, &environment);
    base.map(|base| base.as_str().to_owned()).map_err(|error| error.to_string())
}

#[test]
fn servers_are_chosen_by_number_name_and_description() {
    assert_eq!(to(&[]).as_deref(), Ok("https://eu.example.com:8443/v2"));
    for chosen in ["2", "sandbox", "test", "Test", " TEST "] {
        assert_eq!(
            to(&[("BOOK_SHOP_SERVER", chosen)]).as_deref(),
            Ok("https://test.example.com"),
            "{chosen}"
        );
    }
    for chosen in ["1", "production", "production-main", "Production (main)"] {
        assert_eq!(
            to(&[("BOOK_SHOP_SERVER", chosen)]).as_deref(),
            Ok("https://eu.example.com:8443/v2"),
            "{chosen}"
        );
    }
    for wrong in ["0", "4", "prod", "-", "-1"] {
        let problem = to(&[("BOOK_SHOP_SERVER", wrong)]).unwrap_err();
        assert!(problem.contains("2 (https://test.example.com, sandbox, Test)"), "{wrong}: {problem}");
    }
    let both = [("BOOK_SHOP_SERVER", "2"), ("BOOK_SHOP_BASE_URL", "http://localhost:1")];
    assert_eq!(to(&both).as_deref(), Ok("http://localhost:1"));
}

#[test]
fn server_variable_value_that_changes_other_parts_of_the_url_is_refused() {
    let set = |name: &'static str, value: &'static str| to(&[(name, value)]);
    assert_eq!(set("BOOK_SHOP_SERVER_REGION", "us").as_deref(), Ok("https://us.example.com:8443/v2"));
    assert_eq!(set("BOOK_SHOP_SERVER_BASE", "v3/eu").as_deref(), Ok("https://eu.example.com:8443/v3/eu"));
    assert!(set("BOOK_SHOP_SERVER_REGION", "mars").unwrap_err().contains("has to be eu or us"));
    for wrong in ["1/x", "1@evil.example", "1#", "1?", "1\\", "{x}", " "] {
        assert!(
            set("BOOK_SHOP_SERVER_PORT", wrong).unwrap_err().contains("outside of its variable"),
            "{wrong}"
        );
    }
    for wrong in ["..", "a/../b", "v1?x", "v1#", "a b", "%2e"] {
        assert!(
            set("BOOK_SHOP_SERVER_BASE", wrong).unwrap_err().contains("outside of its variable"),
            "{wrong}"
        );
    }
}

#[test]
fn unset_server_variable_is_named_in_the_error() {
    let own = |value: Option<&'static str>| {
        let mut variables = vec![("BOOK_SHOP_SERVER", "your-own")];
        variables.extend(value.map(|value| ("BOOK_SHOP_SERVER_ADDRESS", value)));
        to(&variables)
    };
    assert!(own(None).unwrap_err().contains("has to set BOOK_SHOP_SERVER_ADDRESS"));
    assert_eq!(own(Some("https://books.example.org/v1")).as_deref(), Ok("https://books.example.org/v1"));
    assert!(own(Some("books")).is_err());
}

#[test]
fn help_lists_the_server_variables() {
    let names: Vec<String> = variables(&SHOP).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["BOOK_SHOP_SERVER", "BOOK_SHOP_SERVER_REGION", "BOOK_SHOP_SERVER_PORT", "BOOK_SHOP_SERVER_BASE"]
    );
}

#[test]
fn error_about_a_server_url_does_not_show_its_userinfo() {
    for (name, value) in [
        ("BOOK_SHOP_BASE_URL", "https://canary:pa/ss@host"),
        ("BOOK_SHOP_BASE_URL", "https://canary:12/ss@host"),
        ("BOOK_SHOP_BASE_URL", "https://canary:p@ss@host/"),
        ("BOOK_SHOP_BASE_URL", "http+unix://canary:p%40ss%2Fx.sock"),
        ("BOOK_SHOP_SERVER", "https://canary:pass@host"),
        ("BOOK_SHOP_SERVER_REGION", "canary:pass@host"),
        ("BOOK_SHOP_SERVER_PORT", "canary:pass@host"),
    ] {
        let problem = to(&[(name, value)]).expect_err(value);
        let shown = ["canary", "ss@", "@host"].iter().find(|part| problem.contains(**part));
        assert!(problem.contains(name) && shown.is_none(), "{value}: {problem}");
    }
    let whole = [("BOOK_SHOP_SERVER", "3"), ("BOOK_SHOP_SERVER_ADDRESS", "https://canary:12/ss@host")];
    let problem = to(&whole).unwrap_err();
    assert!(!problem.contains("canary"), "{problem}");
}

#[test]
fn server_variable_default_that_changes_other_parts_of_the_url_is_refused() {
    for (url, default) in [
        ("https://{part}.example.com", "evil.example.net/x"),
        ("https://{part}.example.com", "evil.example.net#"),
        ("https://{part}.example.com", "user@evil.example.net:443/"),
        ("https://{part}.example.com", "evil.example.net\\"),
        ("https://example.com:{part}", "1@evil.example.net"),
        ("https://example.com/{part}", "../admin"),
        ("{part}://example.com", "https://evil.example.net/?"),
    ] {
        let variables = Box::leak(Box::new([ServerVariable::new("part").default(default)]));
        let servers = Box::leak(Box::new([Server::new(url).variables(variables)]));
        let shop = Connector::new("shop").servers(servers);
        let refused = root(&shop, &Environment::of::<&str, &str>([])).unwrap_err().to_string();
        assert!(refused.contains("has to set SHOP_SERVER_PART"), "{url}: {refused}");
    }
}

#[test]
fn server_variable_enum_value_that_changes_the_host_is_refused() {
    const PART: &[ServerVariable] =
        &[ServerVariable::new("part").default("eu").allowed(&["eu", "evil.example.net/x"])];
    let shop = Connector::new("shop")
        .servers(const { &[Server::new("https://{part}.example.com").variables(PART)] });
    let set = |value| {
        let base = root(&shop, &Environment::of([("SHOP_SERVER_PART", value)]));
        base.map(|base| base.to_string()).map_err(|error| error.to_string())
    };
    assert_eq!(set("eu").as_deref(), Ok("https://eu.example.com"));
    assert!(
        set("evil.example.net/x")
            .unwrap_err()
            .contains("change https://{part}.example.com outside of its variable")
    );
}
