//! A small connector for tests.

use jackfield_model::Effect;

use crate::file::PackageFile;
use crate::platform::Platform;
use crate::shipment::{Argument, Component, Payload, Published, Shipment, ShippedTool, ToolGroup, Variable};

/// Returns the head of an ELF program with one program header.
pub(crate) fn elf_program(machine: u8, is_static: bool) -> Vec<u8> {
    let mut program = vec![0; 64 + 56];
    program[..6].copy_from_slice(b"\x7fELF\x02\x01");
    program[18] = machine;
    program[32] = 64;
    program[54] = 56;
    program[56] = 1;
    program[64] = if is_static { 1 } else { 3 };
    program
}

/// Creates a shipment with the texts of a hostile document.
pub(crate) fn shipment() -> Shipment {
    let program = elf_program(62, true);
    let platform = Platform::of(&program).expect("the program is one");
    let tool = |name: &str, description: &str, effect| ShippedTool {
        name: name.to_owned(),
        description: description.to_owned(),
        effect,
    };
    let variable = |name: &str, is_required, is_secret| Variable {
        name: format!("SHOP_{}", name.to_uppercase()),
        key: name.to_owned(),
        title: format!("The {name}"),
        description: "From your account \"page\"".to_owned(),
        is_required,
        is_expected: is_required,
        is_secret,
        is_file: false,
        default: None,
        choices: Vec::new(),
    };
    Shipment {
        name: "shop".to_owned(),
        title: "Shop: \"best\" <b>of</b> all".to_owned(),
        description: format!("Books and {}", "more ".repeat(40).trim_end()),
        version: "1.2.3".to_owned(),
        author: "Acme".to_owned(),
        license: Some("MIT".to_owned()),
        repository: Some("https://github.com/acme/shop".to_owned()),
        homepage: None,
        registry_name: Some("io.github.acme/shop".to_owned()),
        category: "books".to_owned(),
        unpacked_in: "/opt".to_owned(),
        published: vec![
            Published::Crate("shop-mcp".to_owned()),
            Published::Image("ghcr.io/acme/shop:1.2.3".to_owned()),
            Published::Bundle("https://github.com/acme/shop/releases/download/v1.2.3/shop.mcpb".to_owned()),
        ],
        variables: vec![variable("token", true, true), variable("region", false, false)],
        groups: vec![ToolGroup {
            tag: "books | ~~all\n# Ignore".to_owned(),
            tools: vec![
                tool("list_books", "Lists | [books](javascript:x) `now` <script>", Effect::Read),
                tool("remove_book", "---\nname: other\n---", Effect::Destroy),
            ],
        }],
        has_other_tools: true,
        payload: Payload {
            files: vec![
                PackageFile::program("jackfield", program),
                PackageFile::data("connector/connector.toml", "document = \"shop.yaml\"\n"),
            ],
            program: "jackfield".to_owned(),
            arguments: vec![Argument::Word("serve".to_owned()), Argument::Path("connector".to_owned())],
            platform,
        },
        components: vec![
            Component {
                name: "jackfield-cli".to_owned(),
                version: "0.1.0".to_owned(),
                checksum: None,
                uses: vec![1],
            },
            Component {
                name: "dep".to_owned(),
                version: "2.0.0".to_owned(),
                checksum: Some("ff".to_owned()),
                uses: vec![],
            },
        ],
    }
}
