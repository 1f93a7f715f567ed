use super::*;
use crate::call::args::{ArgError, Args};
use crate::call::request::Request;
use crate::v1::{Connector, Group, Server, ServerVariable, Tool};

fn bind(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Returns a connector whose document declares the server `root`, and one tool with a server of its own.
fn shop(root: &'static str, own: &'static str) -> Connector {
    let tool = Tool::new("own", "GET", "/", bind).server(own);
    let tools: &'static [&'static Tool] = leak([leak(tool)]);
    Connector::new("book-shop").servers(leak([Server::new(root)])).groups(leak([Group::new("", tools)]))
}

/// Checks whether the root server and the tool's own server may be called.
fn called(connector: Connector, variables: &[(&str, &str)]) -> (Result<(), String>, Result<(), String>) {
    let connector = leak(connector);
    let environment = Environment::of(variables.iter().copied());
    let destinations = Destinations::of(connector, &environment);
    let root = servers::root(connector, &environment).unwrap();
    let tool = connector.tools().next().unwrap();
    let own = servers::base(connector, tool, &environment).unwrap();
    let check = |base| destinations.check(base, Names::Public).map_err(|refused| refused.to_string());
    (check(&root), check(&own))
}

const PUBLIC: &str = "https://api.example.com";
const HERE: &str = "http://localhost:8080/v1";

#[test]
fn private_root_server_is_refused_until_the_user_names_it() {
    for root in [
        "http://localhost:8080/v1",
        "http://api.localhost",
        "http://127.0.0.1",
        "http://2130706433",
        "http://0x7f.1:80",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0:3000",
        "http://10.1.2.3",
        "https://192.168.1.1",
        "http://100.64.0.1",
        "http://[fd12::1]",
        "unix:///run/shop.sock",
        "http+unix://%2Frun%2Fshop.sock/v1",
    ] {
        let origin: &'static str = leak(Origin::parse(root).unwrap().to_string());
        let refused = called(shop(root, PUBLIC), &[]).0.unwrap_err();
        assert!(refused.contains("after the user has named it"), "{refused}");
        let connector = shop(root, PUBLIC);
        for (connector, variables) in [
            (connector.origins(leak([origin])), vec![]),
            (connector.named(leak([origin])), vec![]),
            (connector, vec![("BOOK_SHOP_ORIGINS", origin)]),
            (connector, vec![("BOOK_SHOP_BASE_URL", root)]),
        ] {
            assert_eq!(called(connector, &variables).0, Ok(()), "{root}: {variables:?}");
        }
        let elsewhere = connector.origins(&["http://localhost:1", "https://api.example.com"]);
        assert!(called(elsewhere, &[("BOOK_SHOP_ORIGINS", "http://127.0.0.1:1")]).0.is_err(), "{root}");
    }
    assert_eq!(called(shop(PUBLIC, PUBLIC), &[]), (Ok(()), Ok(())));
}

#[test]
fn refusal_prints_every_way_to_allow_the_server() {
    let refused = called(shop("http://localhost:8080/it's", PUBLIC), &[]).0.unwrap_err();
    assert_eq!(
        refused.lines().collect::<Vec<_>>(),
        [
            "http://localhost:8080 is this machine. Only the document names it, so it is called after the user \
             has named it, in one of these ways:",
            "  jackfield gen --accept-origin http://localhost:8080",
            "  origins = [\"http://localhost:8080\"]  # in connector.toml, below [auth]",
            r"  export BOOK_SHOP_BASE_URL='http://localhost:8080/it'\''s'",
            r"  --base-url 'http://localhost:8080/it'\''s'",
        ]
    );
    let refused = called(shop("http+unix://%2Frun%2Fshop.sock/v1", PUBLIC), &[]).0.unwrap_err();
    assert!(refused.contains("\n  servers = [\"http+unix://%2Frun%2Fshop.sock/v1\"]"), "{refused}");
    assert!(!refused.contains("--accept-origin"), "{refused}");
}

#[test]
fn operation_server_may_not_be_more_private_than_the_server_in_use() {
    const SOCKET: &str = "http+unix://%2Fvar%2Frun%2Fdocker.sock";
    const NETWORK: &str = "http://10.1.2.3:8080";
    // The user has named the private roots.
    for (root, own, is_called) in [
        (PUBLIC, "https://files.example.com", true),
        (PUBLIC, NETWORK, false),
        (PUBLIC, "http://localhost:2375", false),
        (PUBLIC, SOCKET, false),
        (NETWORK, PUBLIC, true),
        (NETWORK, "http://192.168.1.1", true),
        (NETWORK, "http://127.0.0.1:2375", false),
        (NETWORK, SOCKET, false),
        (HERE, PUBLIC, true),
        (HERE, NETWORK, true),
        (HERE, "http://127.0.0.1:9090", true),
        (HERE, SOCKET, false),
        // A document cannot name a socket, even if the user has named a socket.
        ("unix:///run/shop.sock", "http://127.0.0.1:9090", true),
        ("unix:///run/shop.sock", SOCKET, false),
    ] {
        let named: &'static str = leak(Origin::parse(root).unwrap().to_string());
        let (root_is, own_is) = called(shop(root, own).named(leak([named])), &[]);
        assert_eq!((root_is, own_is.is_ok()), (Ok(()), is_called), "{root} {own}: {own_is:?}");
        // If the user has not named the root, the tool's own server has to be public.
        if root != PUBLIC {
            assert_eq!(called(shop(root, own), &[]).1.is_ok(), own == PUBLIC, "{root} {own}");
        }
    }
    let refused = called(shop(PUBLIC, "http://localhost:2375"), &[]).1.unwrap_err();
    assert!(refused.contains("  export BOOK_SHOP_ORIGINS=http://localhost:2375"), "{refused}");
    assert!(!refused.contains("base-url"), "{refused}");
    let allowed = [("BOOK_SHOP_ORIGINS", "http://localhost:2375")];
    assert_eq!(called(shop(PUBLIC, "http://localhost:2375"), &allowed).1, Ok(()));
}

#[test]
fn forbidden_address_is_refused_even_if_the_user_names_it() {
    for address in [
        "http://169.254.169.254/latest",
        "http://2852039166",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://[fd00:ec2::254]",
        "http://100.100.100.200",
        "http://224.0.0.1",
        "http://255.255.255.255",
    ] {
        let origin: &'static str = leak(Origin::parse(address).unwrap().to_string());
        let connector = shop(address, address).origins(leak([origin])).named(leak([origin]));
        let variables = [("BOOK_SHOP_BASE_URL", address), ("BOOK_SHOP_ORIGINS", origin)];
        for variables in [&variables[..], &variables[1..], &[]] {
            let (root, own) = called(connector, variables);
            for refused in [root.unwrap_err(), own.unwrap_err()] {
                assert!(refused.ends_with("Such an address is never called."), "{address}: {refused}");
            }
        }
    }
}

#[test]
fn origin_whose_host_is_a_user_variable_counts_as_named_by_the_user() {
    const HOST: &[ServerVariable] =
        &[ServerVariable::new("host").default("localhost"), ServerVariable::new("port").default("80")];
    const ADDRESS: &[ServerVariable] = &[ServerVariable::new("host").default("http://localhost:1")];
    for (url, variables, by_default, set) in [
        ("http://{host}:{port}/v1", HOST, false, "127.0.0.1"),
        ("http://{host}", HOST, false, "localhost"),
        ("{host}", ADDRESS, false, "http://10.0.0.1:1"),
        ("{host}/v1", ADDRESS, false, "http://10.0.0.1:1"),
    ] {
        let connector =
            Connector { servers: leak([Server::new(url).variables(variables)]), ..shop(PUBLIC, PUBLIC) };
        assert_eq!(called(connector, &[]).0.is_ok(), by_default, "{url}");
        assert_eq!(called(connector, &[("BOOK_SHOP_SERVER_HOST", set)]).0, Ok(()), "{url}");
    }
    // If the variable is only a part of the host, a user who sets it does not name the host.
    let part = Server::new("http://{host}.localhost").variables(HOST);
    let connector = Connector { servers: leak([part]), ..shop(PUBLIC, PUBLIC) };
    assert!(called(connector, &[("BOOK_SHOP_SERVER_HOST", "a")]).0.is_err());
    assert!(called(connector, &[("BOOK_SHOP_SERVER", "1"), ("BOOK_SHOP_SERVER_PORT", "1")]).0.is_err());
}
