#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// The smallest module there is: magic number and version.
const EMPTY_WASM: &[u8] = b"\0asm\x01\0\0\0";

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A folder with a style sheet of two files and a module.
fn project() -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("assets")).unwrap();
    fs::write(at("assets/favicon.svg"), "<svg/>").unwrap();
    fs::write(at("main.css"), "@import './part.css';\n@layer b { p { color: light-dark(red, blue); & b { color: green } } }").unwrap();
    fs::write(
        at("part.css"),
        "@layer c, b, a;\n@layer a { p { margin: 0px } }",
    )
    .unwrap();
    fs::write(at("code.wasm"), EMPTY_WASM).unwrap();
    let options = Options {
        wasm: Some(at("code.wasm")),
        style: at("main.css"),
        out: at("site"),
        name: "wutong".to_owned(),
        icons: None,
        assets: at("assets"),
        limit_kb: 400,
    };
    (folder, options)
}

fn manifest(options: &Options) -> BTreeMap<String, String> {
    read_manifest(&options.out.join("manifest.json"))
}

#[test]
fn wasm_must_be_given_or_declined() {
    assert!(parse(&words("")).is_err());
    assert!(parse(&words("--wasm a.wasm --no-wasm")).is_err());
    assert!(parse(&words("--no-wasm")).is_ok());
    assert!(parse(&words("--wasm")).is_err());
    assert!(parse(&words("--no-wasm --limit-kb many")).is_err());
    assert!(parse(&words("--no-wasm --unknown 1")).is_err());
}

#[test]
fn every_file_is_named_by_its_content_and_compressed() {
    let (_folder, options) = project();
    run(&options).unwrap();
    let names = manifest(&options);
    assert_eq!(
        names.keys().collect::<Vec<_>>(),
        ["css", "js", "wasm"],
        "{names:?}"
    );
    for (extension, address) in &names {
        let path = options.out.join(address.trim_start_matches('/'));
        let content = fs::read(&path).unwrap();
        assert_eq!(
            address,
            &format!("/pkg/wutong-{}.{extension}", hash(&[&content]))
        );
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(
            &mut fs::File::open(with_suffix(&path, "br")).unwrap(),
            &mut unpacked,
        )
        .unwrap();
        assert_eq!(unpacked, content);
        assert!(with_suffix(&path, "gz").is_file());
    }
    assert!(options.out.join("favicon.svg").is_file());
    let js = fs::read_to_string(options.out.join(names["js"].trim_start_matches('/'))).unwrap();
    assert!(!js.contains("_bg.wasm"), "the code knows an unhashed name");
}

#[test]
fn the_style_sheet_keeps_layers_nesting_and_both_themes() {
    let (_folder, options) = project();
    let css = bundle_css(&options.style).unwrap();
    // The minifier writes declared layers in their order instead of declaring it.
    let place = |text: &str| css.find(text).unwrap();
    assert!(
        place("@layer c;") < place("@layer b{") && place("@layer b{") < place("@layer a{"),
        "{css}"
    );
    assert!(css.contains("light-dark("), "{css}");
    assert!(css.contains("& b{"), "{css}");
    assert!(!css.contains("@import"), "{css}");
}

#[test]
fn older_files_go_and_an_unchanged_site_stays() {
    let (_folder, options) = project();
    run(&options).unwrap();
    let before = manifest(&options);
    let age = |address: &str| {
        fs::metadata(options.out.join(address.trim_start_matches('/')))
            .and_then(|metadata| metadata.modified())
            .unwrap()
    };
    let wasm_age = age(&before["wasm"]);

    fs::write(&options.style, "p { margin: 1px }").unwrap();
    run(&options).unwrap();
    let after = manifest(&options);
    assert_ne!(before["css"], after["css"]);
    assert_eq!(before["wasm"], after["wasm"]);
    assert_eq!(wasm_age, age(&after["wasm"]), "the code was made again");
    assert_eq!(
        fs::read_dir(options.out.join("pkg")).unwrap().count(),
        9,
        "three files, each in three forms"
    );
}

#[test]
fn without_wasm_only_the_style_sheet_changes() {
    let (_folder, mut options) = project();
    options.wasm = None;
    assert!(run(&options).is_err(), "there is no code to keep");
    options.wasm = Some(options.style.with_file_name("code.wasm"));
    run(&options).unwrap();
    let before = manifest(&options);
    options.wasm = None;
    fs::write(&options.style, "p { margin: 1px }").unwrap();
    run(&options).unwrap();
    let after = manifest(&options);
    assert_eq!(before["js"], after["js"]);
    assert_ne!(before["css"], after["css"]);
}

#[test]
fn too_heavy_a_module_leaves_the_site_alone() {
    let (_folder, mut options) = project();
    options.limit_kb = 0;
    let error = run(&options).unwrap_err().to_string();
    assert!(error.contains("more than the 0 KB allowed"), "{error}");
    assert!(!options.out.join("manifest.json").exists());
}

#[test]
fn snippets_move_with_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = Site {
        folder: folder.path().to_owned(),
        name: "wutong",
        trusted: false,
        kept: BTreeSet::new(),
        sizes: Vec::new(),
    };
    let code = Code {
        js: "import { f } from './snippets/lib-1/inline0.js';".to_owned(),
        wasm: EMPTY_WASM.to_vec(),
        snippets: BTreeMap::from([(
            "lib-1/inline0.js".to_owned(),
            "export const f = 1".to_owned(),
        )]),
    };
    let (js, _) = site.put_code(code).unwrap();
    let script = fs::read_to_string(folder.path().join(js.trim_start_matches("/pkg/"))).unwrap();
    let snippets = snippets_of(&script).unwrap();
    assert!(
        folder
            .path()
            .join(snippets)
            .join("lib-1/inline0.js")
            .is_file()
    );
    site.sweep().unwrap();
    assert!(
        folder
            .path()
            .join(snippets)
            .join("lib-1/inline0.js.br")
            .is_file()
    );
}

#[test]
fn a_missing_style_sheet_is_named() {
    let (_folder, mut options) = project();
    options.style = options.style.with_file_name("absent.css");
    let error = run(&options).unwrap_err().to_string();
    assert!(error.contains("absent.css"), "{error}");
}
