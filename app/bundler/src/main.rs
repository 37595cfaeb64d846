//! Makes the site's folder: browser code, style sheet and icons under names that change with their content,
//! each also compressed, and a manifest that tells the server the names.
//!
//! A name that changes with the content may be cached for ever, so the server never answers a page with
//! yesterday's style sheet. The manifest is replaced last, and what it no longer names is removed after that:
//! whoever reads it at any moment finds all its files.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::UNIX_EPOCH,
};

use anyhow::{Context, Result, bail, ensure};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
    targets::{Browsers, Targets},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

const HELP: &str = "\
Makes the site's folder out of the compiled wasm and the style sheets.

bundler --wasm PATH [--style FILE] [--out FOLDER] [--name NAME] [--icons FILE] [--assets FOLDER] [--limit-kb N]
bundler --no-wasm   [--style FILE] [--out FOLDER] …     only the style sheet; code stays as it is

  --wasm      what cargo made for wasm32-unknown-unknown
  --style     first style sheet (style/main.css)
  --out       the site's folder (target/site)
  --name      how the files' names begin (wutong)
  --icons     a sprite to publish beside the code
  --assets    files copied to the site's root when the folder exists (app/assets)
  --limit-kb  most that the wasm of one first page may weigh after brotli, 1 KB = 1000 bytes (400)
  --first-room  the room that the limit is for (the heaviest)";

/// Everything that has light-dark(), nesting and cascade layers: lower targets would have them rewritten.
const BROWSERS: Browsers = Browsers {
    chrome: Some(123 << 16),
    edge: Some(123 << 16),
    firefox: Some(128 << 16),
    safari: Some((17 << 16) | (5 << 8)),
    ios_saf: Some((17 << 16) | (5 << 8)),
    android: None,
    ie: None,
    opera: None,
    samsung: None,
};

/// Quality 11 weighs a tenth less than quality 9 on our wasm and costs some ten seconds more, only when the code has changed.
const BROTLI_QUALITY: i32 = 11;
const BROTLI_WINDOW: i32 = 22;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// `None`: the code stays as it is.
    wasm: Option<PathBuf>,
    style: PathBuf,
    out: PathBuf,
    name: String,
    icons: Option<PathBuf>,
    assets: PathBuf,
    limit_kb: u64,
    /// The room that the limit is for; the heaviest when none is named.
    first_room: Option<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments
        .iter()
        .any(|argument| argument == "--help" || argument == "-h")
    {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match parse(&arguments).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundler: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        wasm: None,
        style: "style/main.css".into(),
        out: "target/site".into(),
        name: "wutong".into(),
        icons: None,
        assets: "app/assets".into(),
        limit_kb: 400,
        first_room: None,
    };
    let mut without_wasm = false;
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        if option == "--no-wasm" {
            without_wasm = true;
            continue;
        }
        let mut value = || {
            rest.next()
                .with_context(|| format!("{option} needs a value; see bundler --help."))
        };
        match option.as_str() {
            "--wasm" => options.wasm = Some(value()?.into()),
            "--style" => options.style = value()?.into(),
            "--out" => options.out = value()?.into(),
            "--name" => options.name.clone_from(value()?),
            "--icons" => options.icons = Some(value()?.into()),
            "--assets" => options.assets = value()?.into(),
            "--first-room" => options.first_room = Some(value()?.clone()),
            "--limit-kb" => {
                let text = value()?;
                options.limit_kb = text
                    .parse()
                    .with_context(|| format!("--limit-kb takes a whole number, not {text:?}"))?;
            }
            _ => bail!("{option:?} is no option; see bundler --help."),
        }
    }
    ensure!(
        options.wasm.is_some() != without_wasm,
        "give either --wasm PATH or --no-wasm; see bundler --help."
    );
    Ok(options)
}

fn run(options: &Options) -> Result<()> {
    let manifest_path = options.out.join("manifest.json");
    let stamp_path = options.out.with_extension("stamp");
    let known = read_manifest(&manifest_path);
    let folder = options.out.join("pkg");
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;

    // Another bundler may compress or name things differently, so nothing that an older one wrote is trusted.
    let bundler = own_fingerprint();
    let stamp = fs::read_to_string(&stamp_path).unwrap_or_default();
    let (stamped_bundler, stamped_wasm) = stamp.trim().split_once(' ').unwrap_or_default();
    let mut site = Site {
        folder,
        name: &options.name,
        trusted: stamped_bundler == bundler,
        kept: BTreeSet::new(),
        sizes: Vec::new(),
    };

    let css = site.put("", "css", bundle_css(&options.style)?.as_bytes())?;
    let icons = match &options.icons {
        Some(path) => {
            let icons = fs::read(path)
                .with_context(|| format!("cannot read the icons {}", path.display()))?;
            Some(site.put("-icons", "svg", &icons)?)
        }
        None => None,
    };

    let mut input_hash = stamped_wasm.to_owned();
    let input = match &options.wasm {
        Some(path) => {
            let bytes = fs::read(path).with_context(|| {
                format!(
                    "cannot read {}; build it first: cargo build -p wutong-wasm --target wasm32-unknown-unknown --profile wasm-release",
                    path.display()
                )
            })?;
            input_hash = hash(&[&bytes]);
            Some(bytes)
        }
        None => None,
    };
    let same_code = input.is_none() || (site.trusted && input_hash == stamped_wasm);
    let code = match (known.and_then(|known| known.code), input) {
        (Some(code), _) if same_code && site.keep_code(&code) => code,
        (_, Some(bytes)) => site.put_code(bind(&options.name, &bytes)?)?,
        (_, None) => bail!(
            "{} holds no code yet: run once with --wasm PATH.",
            options.out.display()
        ),
    };

    site.print();
    let weights = site.room_weights(&code);
    for (room, bytes) in &weights {
        println!(
            "wasm of a first page in {room}: {} KB after brotli",
            kilobytes(*bytes)
        );
    }
    let limited = match &options.first_room {
        Some(first) => Some(
            weights
                .iter()
                .find(|(room, _)| room == first)
                .with_context(|| format!("there is no room {first}."))?,
        ),
        None => weights.iter().max_by_key(|(_, bytes)| *bytes),
    };
    if let Some((room, bytes)) = limited {
        ensure!(
            *bytes <= options.limit_kb * 1000,
            "the wasm of a first page in {room} weighs {} KB after brotli, more than the {} KB allowed; the site was left as it was.",
            kilobytes(*bytes),
            options.limit_kb
        );
    }
    let manifest = Manifest {
        css,
        icons,
        code: Some(code),
    };

    copy_assets(&options.assets, &options.out)?;
    let text = serde_json::to_string_pretty(&manifest).context("cannot write the manifest")? + "\n";
    write_whole(&manifest_path, text.as_bytes())?;
    write_whole(&stamp_path, format!("{bundler} {input_hash}\n").as_bytes())?;
    site.sweep()
}

/// What the server reads: addresses of the built files.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    css: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    icons: Option<String>,
    /// `None` only while there is none yet.
    code: Option<CodeAddresses>,
}

/// The browser's code lies in one folder, for its files import one another by relative paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CodeAddresses {
    /// Address of the folder; its name changes with the content of any file.
    folder: String,
    /// Addresses of the two files that a page starts with.
    js: String,
    wasm: String,
    /// The script that fetches rooms, by its name in the folder.
    split: String,
    /// Each room's files without the ending `.wasm`, in the order in which they are needed.
    rooms: BTreeMap<String, Vec<String>>,
}

/// Code as the browser gets it: each file's path in the folder, and its content.
struct Code {
    files: BTreeMap<String, Vec<u8>>,
    rooms: BTreeMap<String, Vec<String>>,
}

/// The script that fetches a room's code when its first page opens.
const SPLIT_SCRIPT: &str = "split.js";

/// A module in parts: what every page starts with, and files that it fetches later.
struct Split {
    main: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
    rooms: BTreeMap<String, Vec<String>>,
}

/// The section by which code that is to be split is known.
const SPLIT_MARK: &str = "__wasm_split_unstable";

/// Takes the rooms out of a module; one without rooms stays whole.
fn split(name: &str, bytes: &[u8]) -> Result<Split> {
    let marked = sections(bytes)?
        .iter()
        .any(|section| section.custom == Some(SPLIT_MARK));
    if !marked {
        return Ok(Split {
            main: bytes.to_vec(),
            files: BTreeMap::new(),
            rooms: BTreeMap::new(),
        });
    }
    let work = tempfile::tempdir().context("cannot make a folder for the split")?;
    let main = work.path().join("main.wasm");
    let main_script = format!("./{name}.js");
    let link = format!("./{SPLIT_SCRIPT}");
    let mut options = wasm_split_cli_support::Options::new(bytes);
    options.output_dir = work.path();
    options.main_out_path = &main;
    options.main_module = &main_script;
    options.link_name = &link;
    let parts = wasm_split_cli_support::transform(options).map_err(|error| {
        anyhow::anyhow!(
            "the code cannot be split by rooms (it needs the linker's --emit-relocs): {error}"
        )
    })?;
    let mut files = BTreeMap::new();
    for path in parts.split_modules {
        let file = path.file_name().context("a part of the code has no name")?;
        files.insert(
            file.to_string_lossy().into_owned(),
            without_custom_sections(&read(&path)?)?,
        );
    }
    files.insert(
        SPLIT_SCRIPT.to_owned(),
        read(&work.path().join(SPLIT_SCRIPT))?,
    );
    Ok(Split {
        main: read(&main)?,
        files,
        rooms: parts.prefetch_map.into_iter().collect(),
    })
}

/// Splits the code by rooms, and lets wasm-bindgen write what ties it to the browser.
fn bind(name: &str, bytes: &[u8]) -> Result<Code> {
    let Split {
        main,
        mut files,
        rooms,
    } = split(name, bytes)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .typescript(false)
        // The parts call the main file's functions by these names.
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The page hands the address to init(); the code must not know another.
        .omit_default_module_path(true)
        .input_bytes(name, main);
    let mut output = bindgen.generate_output().context(
        "wasm-bindgen cannot read the wasm (its version must equal that of the library)",
    )?;
    ensure!(
        output.npm_dependencies().is_empty(),
        "a library asks for npm packages in the browser, which the bundler does not resolve."
    );
    for (library, scripts) in output.snippets() {
        for (index, script) in scripts.iter().enumerate() {
            files.insert(
                format!("snippets/{library}/inline{index}.js"),
                script.clone().into_bytes(),
            );
        }
    }
    for (path, script) in output.local_modules() {
        files.insert(format!("snippets/{path}"), script.clone().into_bytes());
    }
    files.insert(format!("{name}.js"), output.js().as_bytes().to_vec());
    files.insert(format!("{name}.wasm"), output.wasm_mut().emit_wasm());
    Ok(Code { files, rooms })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

struct Section<'a> {
    id: u8,
    data: &'a [u8],
    /// The name, of a custom section.
    custom: Option<&'a str>,
}

fn sections(module: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut sections = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let payload = payload.context("the code is no wasm")?;
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        let data = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok())
            .and_then(|(start, end)| module.get(start..end))
            .context("the code ends early")?;
        let custom = match &payload {
            wasmparser::Payload::CustomSection(section) => Some(section.name()),
            _ => None,
        };
        sections.push(Section { id, data, custom });
    }
    Ok(sections)
}

/// Without names and the like, which a browser does not need.
fn without_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    let mut kept = wasm_encoder::Module::new();
    for Section { id, data, .. } in sections(module)?
        .iter()
        .filter(|section| section.custom.is_none())
    {
        kept.section(&wasm_encoder::RawSection { id: *id, data });
    }
    Ok(kept.finish())
}

fn bundle_css(entry: &Path) -> Result<String> {
    let targets = Targets::from(BROWSERS);
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    // The library's errors borrow the sources, so they leave here as text.
    let mut sheet = bundler
        .bundle(entry)
        .map_err(|error| anyhow::anyhow!("the style sheet {}: {error}", entry.display()))?;
    sheet
        .minify(MinifyOptions {
            targets,
            ..MinifyOptions::default()
        })
        .map_err(|error| anyhow::anyhow!("the style sheet {}: {error}", entry.display()))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow::anyhow!("the style sheet {}: {error}", entry.display()))?;
    Ok(printed.code)
}

struct Sizes {
    file: String,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// The folder `pkg` while it is filled.
struct Site<'a> {
    folder: PathBuf,
    name: &'a str,
    /// What lies here under the right name was made by this very program.
    trusted: bool,
    /// Names in the folder that stay.
    kept: BTreeSet<String>,
    sizes: Vec<Sizes>,
}

impl Site<'_> {
    /// Stores content under the name that belongs to it and says its address.
    fn put(&mut self, part: &str, extension: &str, content: &[u8]) -> Result<String> {
        let file = format!("{}{part}-{}.{extension}", self.name, hash(&[content]));
        self.store(&file, content)?;
        Ok(format!("/pkg/{file}"))
    }

    /// Stores the code in a folder that is named by all of it, and says the addresses.
    fn put_code(&mut self, code: Code) -> Result<CodeAddresses> {
        let parts: Vec<&[u8]> = code
            .files
            .iter()
            .flat_map(|(path, content)| [path.as_bytes(), content])
            .collect();
        let folder = format!("code-{}", hash(&parts));
        for (path, content) in &code.files {
            self.store(&format!("{folder}/{path}"), content)?;
        }
        self.kept.insert(folder.clone());
        let at = |file: &str| format!("/pkg/{folder}/{file}");
        Ok(CodeAddresses {
            js: at(&format!("{}.js", self.name)),
            wasm: at(&format!("{}.wasm", self.name)),
            split: SPLIT_SCRIPT.to_owned(),
            rooms: code.rooms,
            folder: format!("/pkg/{folder}"),
        })
    }

    /// Keeps the code that is there; false when one of its files, or a compressed form, is not.
    fn keep_code(&mut self, code: &CodeAddresses) -> bool {
        let Some(folder) = code.folder.strip_prefix("/pkg/") else {
            return false;
        };
        let parts = code
            .rooms
            .values()
            .flatten()
            .map(|file| format!("{folder}/{file}.wasm"))
            .collect::<BTreeSet<_>>();
        let whole = self.keep(&code.js)
            && self.keep(&code.wasm)
            && (code.rooms.is_empty() || self.keep(&format!("{folder}/{}", code.split)))
            && parts.iter().all(|file| self.keep(file));
        if whole {
            self.kept.insert(folder.to_owned());
        }
        whole
    }

    /// Bytes of wasm after brotli that the first page of each room needs: the main file and the room's.
    fn room_weights(&self, code: &CodeAddresses) -> Vec<(String, u64)> {
        let size = |address: &str| {
            let file = address.strip_prefix("/pkg/").unwrap_or(address);
            self.sizes
                .iter()
                .find(|size| size.file == file)
                .map_or(0, |size| size.brotli)
        };
        let main = size(&code.wasm);
        if code.rooms.is_empty() {
            return vec![("main".to_owned(), main)];
        }
        code.rooms
            .iter()
            .map(|(room, files)| {
                let files: BTreeSet<&String> = files.iter().collect();
                let own: u64 = files
                    .iter()
                    .map(|file| size(&format!("{}/{file}.wasm", code.folder)))
                    .sum();
                (room.clone(), main + own)
            })
            .collect()
    }

    fn store(&mut self, file: &str, content: &[u8]) -> Result<()> {
        if self.trusted && self.keep(file) {
            return Ok(());
        }
        let path = self.folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot make the folder {}", parent.display()))?;
        }
        write_whole(&path, content)?;
        write_whole(&with_suffix(&path, "br"), &brotli(content)?)?;
        write_whole(&with_suffix(&path, "gz"), &gzip(content)?)?;
        ensure!(
            self.keep(file),
            "{} vanished while it was written.",
            path.display()
        );
        Ok(())
    }

    /// Keeps a file that is there already; false when it, or one of its compressed forms, is not.
    fn keep(&mut self, address: &str) -> bool {
        let file = address.strip_prefix("/pkg/").unwrap_or(address);
        let path = self.folder.join(file);
        let size = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.len());
        let (Some(raw), Some(brotli), Some(gzip)) = (
            size(&path),
            size(&with_suffix(&path, "br")),
            size(&with_suffix(&path, "gz")),
        ) else {
            return false;
        };
        for name in [file.to_owned(), format!("{file}.br"), format!("{file}.gz")] {
            self.kept.insert(name);
        }
        self.sizes.push(Sizes {
            file: file.to_owned(),
            raw,
            gzip,
            brotli,
        });
        true
    }

    fn print(&self) {
        let width = self
            .sizes
            .iter()
            .map(|size| size.file.len())
            .max()
            .unwrap_or(0);
        println!(
            "{:width$} {:>9} {:>9} {:>9}  KB",
            "", "raw", "gzip", "brotli"
        );
        for size in &self.sizes {
            println!(
                "{:width$} {:>9} {:>9} {:>9}",
                size.file,
                kilobytes(size.raw),
                kilobytes(size.gzip),
                kilobytes(size.brotli)
            );
        }
    }

    /// Removes what the manifest no longer names.
    fn sweep(&self) -> Result<()> {
        let unreadable = || format!("cannot tidy {}", self.folder.display());
        for entry in fs::read_dir(&self.folder).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            if self
                .kept
                .contains(entry.file_name().to_string_lossy().as_ref())
            {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            }
            .with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }
}

fn read_manifest(path: &Path) -> Option<Manifest> {
    fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
}

/// Copies pictures and the like to the site's root, folders included.
fn copy_assets(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    let unreadable = || format!("cannot read the folder {}", from.display());
    for entry in fs::read_dir(from).with_context(unreadable)? {
        let source = entry.with_context(unreadable)?.path();
        let Some(name) = source.file_name() else {
            continue;
        };
        let target = to.join(name);
        if source.is_dir() {
            fs::create_dir_all(&target)
                .with_context(|| format!("cannot make the folder {}", target.display()))?;
            copy_assets(&source, &target)?;
        } else {
            fs::copy(&source, &target)
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

/// Writes beside and renames, so that nobody ever reads half a file.
fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let beside = with_suffix(path, "part");
    fs::write(&beside, content)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Eighty bits: enough to tell builds apart, short enough to read aloud.
fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher
        .finalize()
        .iter()
        .take(10)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// When this program was built; it changes with the program and costs no reading of it.
fn own_fingerprint() -> String {
    env::current_exe()
        .and_then(fs::metadata)
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or_else(String::new, |age| age.as_nanos().to_string())
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &parameters).context("brotli failed")?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .context("gzip failed")
}

fn kilobytes(bytes: u64) -> String {
    let tenths = (bytes + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
