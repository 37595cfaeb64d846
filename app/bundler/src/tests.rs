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
        first_room: None,
    };
    (folder, options)
}

fn manifest(options: &Options) -> Manifest {
    read_manifest(&options.out.join("manifest.json")).unwrap()
}

fn code(options: &Options) -> CodeAddresses {
    manifest(options).code.unwrap()
}

fn stored(options: &Options, address: &str) -> PathBuf {
    options.out.join(address.trim_start_matches('/'))
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
    let Manifest { css, code, .. } = manifest(&options);
    let code = code.unwrap();
    let css_content = fs::read(stored(&options, &css)).unwrap();
    assert_eq!(css, format!("/pkg/wutong-{}.css", hash(&[&css_content])));
    assert_eq!(code.js, format!("{}/wutong.js", code.folder));
    assert_eq!(code.wasm, format!("{}/wutong.wasm", code.folder));
    for address in [&css, &code.js, &code.wasm] {
        let path = stored(&options, address);
        let content = fs::read(&path).unwrap();
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
    let js = fs::read_to_string(stored(&options, &code.js)).unwrap();
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
        fs::metadata(stored(&options, address))
            .and_then(|metadata| metadata.modified())
            .unwrap()
    };
    let wasm_age = age(&code(&options).wasm);

    fs::write(&options.style, "p { margin: 1px }").unwrap();
    run(&options).unwrap();
    let after = manifest(&options);
    assert_ne!(before.css, after.css);
    assert_eq!(before.code, after.code);
    assert_eq!(
        wasm_age,
        age(&code(&options).wasm),
        "the code was made again"
    );
    assert_eq!(
        fs::read_dir(options.out.join("pkg")).unwrap().count(),
        4,
        "the style sheet in three forms, and the code's folder"
    );

    fs::remove_file(with_suffix(&stored(&options, &code(&options).wasm), "br")).unwrap();
    run(&options).unwrap();
    assert!(
        with_suffix(&stored(&options, &code(&options).wasm), "br").is_file(),
        "a form that is gone is made again"
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
    assert_eq!(before.code, after.code);
    assert_ne!(before.css, after.css);
}

#[test]
fn too_heavy_a_module_leaves_the_site_alone() {
    let (_folder, mut options) = project();
    options.limit_kb = 0;
    let error = run(&options).unwrap_err().to_string();
    assert!(error.contains("more than the 0 KB allowed"), "{error}");
    assert!(!options.out.join("manifest.json").exists());
}

fn empty_site(folder: &Path) -> Site<'static> {
    Site {
        folder: folder.to_owned(),
        name: "wutong",
        trusted: false,
        kept: BTreeSet::new(),
        sizes: Vec::new(),
    }
}

#[test]
fn the_code_moves_as_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    let files = |snippet: &str| {
        BTreeMap::from([
            (
                "wutong.js".to_owned(),
                b"import './snippets/a/inline0.js'".to_vec(),
            ),
            ("wutong.wasm".to_owned(), EMPTY_WASM.to_vec()),
            (
                "snippets/a/inline0.js".to_owned(),
                snippet.as_bytes().to_vec(),
            ),
        ])
    };
    let put = |snippet: &str| {
        let mut site = empty_site(folder.path());
        let code = site
            .put_code(Code {
                files: files(snippet),
                rooms: BTreeMap::new(),
            })
            .unwrap();
        site.sweep().unwrap();
        code.folder
    };
    let first = put("export const f = 1");
    let second = put("export const f = 2");
    assert_ne!(first, second, "what is imported is part of the name");
    let at = |code: &str| folder.path().join(code.trim_start_matches("/pkg/"));
    assert!(!at(&first).exists(), "the older one is gone");
    for file in files("") {
        assert!(
            with_suffix(&at(&second).join(&file.0), "br").is_file(),
            "{}",
            file.0
        );
    }
}

#[test]
fn the_first_page_weighs_the_main_file_and_the_room() {
    let size = |file: &str, brotli| Sizes {
        file: format!("code-1/{file}"),
        raw: 0,
        gzip: 0,
        brotli,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut site = empty_site(folder.path());
    site.sizes = vec![
        size("wutong.wasm", 100),
        size("a.wasm", 20),
        size("b.wasm", 30),
        size("shared.wasm", 5),
    ];
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let mut code = CodeAddresses {
        folder: "/pkg/code-1".to_owned(),
        js: "/pkg/code-1/wutong.js".to_owned(),
        wasm: "/pkg/code-1/wutong.wasm".to_owned(),
        split: SPLIT_SCRIPT.to_owned(),
        rooms: BTreeMap::from([
            ("a".to_owned(), names(&["shared", "a"])),
            ("b".to_owned(), names(&["b"])),
        ]),
    };
    let weights = |code: &CodeAddresses| site.room_weights(code);
    assert_eq!(
        weights(&code),
        [("a".to_owned(), 100 + 5 + 20), ("b".to_owned(), 100 + 30)]
    );
    code.rooms.clear();
    assert_eq!(weights(&code), [("main".to_owned(), 100)]);
}

#[test]
fn custom_sections_are_left_behind() {
    let mut module = wasm_encoder::Module::new();
    module.section(&wasm_encoder::CustomSection {
        name: "name".into(),
        data: b"\0".as_slice().into(),
    });
    let mut types = wasm_encoder::TypeSection::new();
    types.ty().function([], []);
    module.section(&types);
    let bare = without_custom_sections(&module.finish()).unwrap();
    assert_eq!(bare, [EMPTY_WASM, &[1, 4, 1, 0x60, 0, 0]].concat());
    assert!(without_custom_sections(b"PK").is_err());
}

#[test]
fn a_missing_style_sheet_is_named() {
    let (_folder, mut options) = project();
    options.style = options.style.with_file_name("absent.css");
    let error = run(&options).unwrap_err().to_string();
    assert!(error.contains("absent.css"), "{error}");
}
