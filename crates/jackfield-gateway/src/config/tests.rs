use std::path::Path;

use jackfield_recipe::Effect;

use super::*;

const FULL: &str = r#"
listen = "127.0.0.1:8800"
store = "state"
audit = "on"

[connectors.time]
command = ["uvx", "mcp-server-time"]
args = ["--local-timezone", "UTC"]
env = { TZ = "UTC" }
pass = ["HOME"]
timeout = 5

[connectors.time.effects]
"get_*" = "read"

[connectors.my-docs]
url = "https://docs.example.com/mcp"
token = "DOCS_TOKEN"

[connectors.shop]
spec = "bookshop"

[agents.ci]
connectors = ["time", "my-docs"]
effects = "read"

[[agents.ci.rule]]
tools = ["time_convert_time", "!time_x"]
effects = "destroy"
arguments.source.one_of = ["UTC", "Europe/Paris"]

[agents.boss]
connectors = ["shop"]

[[agents.boss.rule]]
rights = ["approve"]
"#;

fn parse(text: &str) -> Result<GatewayConfig, Vec<String>> {
    GatewayConfig::parse(Path::new("/srv/gateway.toml"), text).map_err(|error| {
        error.to_string().lines().map(|line| line.replace("/srv/gateway.toml:", "")).collect()
    })
}

#[test]
fn relative_paths_are_resolved_against_the_folder_of_gateway_toml() {
    let config = parse(FULL).unwrap();
    let names: Vec<&str> = config.connectors.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["time", "my-docs", "shop"]);
    assert_eq!(config.store.unwrap(), Path::new("/srv/state"));
    let ConnectorKind::Child(time) = &config.connectors[0].kind else { panic!("{:?}", config.connectors[0]) };
    assert_eq!((time.program.as_str(), time.arguments.len()), ("uvx", 3));
    assert_eq!((time.folder.as_path(), &time.passed[..]), (Path::new("/srv"), &["HOME".to_owned()][..]));
    assert_eq!(config.connectors[2].kind, ConnectorKind::Served("/srv/bookshop".into()));
    let effects = &config.connectors[0].effects;
    assert_eq!((effects.of("get_time"), effects.of("set_time")), (Effect::Read, Effect::Destroy));
    assert_eq!(
        config.agents.unwrap().entries.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["ci", "boss"]
    );
}

#[test]
fn rules_of_an_agent_apply_only_to_its_connectors() {
    let rights = parse(FULL).unwrap().agents.unwrap().rights;
    let text = rights.text();
    for line in [
        "principals = [\"token:ci\"]",
        "tools = [\"time_*\", \"my_docs_*\"]",
        "resources = [\"time+*\", \"ui://time/*\", \"my-docs+*\", \"ui://my-docs/*\"]",
        "tools = [\"time_convert_time\", \"!time_x\"]",
        "\"arguments\".\"source\".\"one_of\" = [\"UTC\", \"Europe/Paris\"]",
        "\"rights\" = [\"approve\"]",
        "principals = [\"token:boss\"]",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("shop_"), "{text}");
}

#[test]
fn error_about_an_invalid_gateway_toml_names_the_position_and_the_remedy() {
    for (text, expected) in [
        ("", "1:1: there are no connectors; add [connectors.NAME]"),
        ("x = 1\n[connectors.a]\nurl = \"https://a.example\"", "1:1: there is no key `x` here"),
        (
            "[connectors.A]\nurl = \"https://a.example\"",
            "1:13: `A` cannot be the name of a connector; use 1 to 20",
        ),
        ("[connectors.a]\n", "1:13: the connector has no `spec`, `command`, `url` or `catalogue`"),
        (
            "[connectors.a]\nurl = \"https://a.example\"\nspec = \"b\"",
            "1:13: the connector has `spec` and `url`, which contradict each other",
        ),
        ("[connectors.a]\nurl = \"a.example\"", "2:7: `a.example` is not an HTTP URL"),
        ("[connectors.a]\nspec = \"b\"\nargs = []", "3:1: there is no key `args` here"),
        ("[connectors.a]\ncommand = []", "2:11: the command names no program"),
        ("[connectors.a]\ncommand = \"x\"\ntimeout = 0", "3:11: 0 is out of range; write a number from 1"),
        (
            "[connectors.a]\ncommand = \"x\"\nenv = { \"a b\" = \"\" }",
            "3:9: `a b` is not the name of a variable",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[connectors.a.effects]\nb = \"reed\"",
            "4:5: there is no effect `reed`; did you mean `read`?",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[connectors.a-b]\ncommand = \"x\"",
            "3:13: `a` and `a-b` cannot both be attached",
        ),
        (
            "[connectors.time]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"tme\"]\neffects = \"read\"",
            "4:15: there is no connector `tme`; did you mean `time`?",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]",
            "3:9: the agent `ci` has neither `effects` nor a rule",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = []\neffects = \"read\"",
            "4:14: the agent `ci` has no connector",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[connectors.b]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"read\"\ntools = [\"b_*\"]",
            "9:10: `b_*` matches no connector of the agent `ci`; begin it with `a_`",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"read\"\nargumnts.x.equals = 1",
            "7:1: there is no key `argumnts` here; did you mean `arguments`?",
        ),
        (
            "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"read\"\nprincipals = [\"*\"]",
            "7:14: a rule of an agent cannot have `principals`",
        ),
        (
            "[connectors.a]\nurl = \"http://docs.example.com/mcp\"\ntoken = \"T\"",
            "2:7: the token would be sent to `http://docs.example.com/mcp` without encryption; write `url = \"https",
        ),
        (
            "[connectors.a]\nurl = \"http://localhost.example.com/mcp\"\ntoken = \"T\"",
            "2:7: the token would be sent",
        ),
        (
            "public_url = \"https://x.example/mcp\"\n[connectors.a]\ncommand = \"x\"",
            "1:14: `public_url` needs `listen`",
        ),
        ("[connectors.a\n", "1:"),
    ] {
        let problems = parse(text).map(|_| ()).unwrap_err();
        assert!(problems[0].starts_with(expected), "{text}\n{problems:?}");
    }
}

#[test]
fn token_may_be_sent_unencrypted_to_this_machine() {
    for host in ["127.0.0.1:80", "127.1.2.3", "localhost", "[::1]:8080"] {
        parse(&format!("[connectors.a]\nurl = \"http://{host}/mcp\"\ntoken = \"T\"")).unwrap();
    }
}

#[test]
fn empty_list_or_table_in_a_rule_is_refused() {
    let rule = "[connectors.a]\ncommand = \"x\"\n[agents.ci]\nconnectors = [\"a\"]\n[[agents.ci.rule]]\neffects = \"destroy\"\n";
    for (line, expected) in [
        ("tools = []", "7:9: `tools` is an empty array"),
        ("tools = []\nresources = [\"a+*\"]", "7:9: `tools` is an empty array"),
        ("resources = []", "7:13: `resources` is an empty array"),
        ("prompts = []", "7:11: `prompts` is an empty array"),
        ("arguments = {}", "7:13: `arguments` has no condition"),
        ("arguments.amount = {}", "7:20: `arguments.amount` has no condition"),
        ("[agents.ci.rule.arguments.amount]", "7:1: `arguments.amount` has no condition"),
    ] {
        let problems = parse(&format!("{rule}{line}")).map(|_| ()).unwrap_err();
        assert!(problems[0].starts_with(expected), "{line}\n{problems:?}");
    }
}

#[test]
fn all_problems_in_gateway_toml_are_reported_in_line_order() {
    let problems = parse("x = 1\n[connectors.A]\nurl = 1\n[connectors.b]\nurl = 2\ny = 3").unwrap_err();
    let lines: Vec<&str> = problems.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["1", "2", "5", "6"], "{problems:?}");
}
