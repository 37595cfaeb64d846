//! The bundler splits the code by rooms (`app/src/room.rs`); it finds out who calls whom from the linker's relocations.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
}
