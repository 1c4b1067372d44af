// Package config is what the user writes: one YAML file, the environment, and flags, each of which wins over the one before.
//
//	parallax.yaml -> PARALLAX_SECTION_KEY -> flags -> Config -> Validate
//
// It is strict: a key that is not known is an error with its line. Secrets never stand in it, only the names of the files that
// hold them. It knows the words and bounds of the settings, not the parts that they are for: cmd hands them on.
package config
