package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/event"
)

func (a *app) rulesFieldsCommand() *cobra.Command {
	var source, output string
	cmd := &cobra.Command{
		Use:   "fields",
		Short: "Print every field that conditions may use, and every field of an alert's document",
		Example: `  parallax rules fields
  parallax rules fields --source audit
  parallax rules fields --output markdown > docs/FIELDS.md`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.rulesFields(source, output) },
	}
	cmd.Flags().StringVar(&source, "source", "", "only the fields of one source's conditions: audit, kernel or falco")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text, markdown or json")
	return cmd
}

func (a *app) rulesFields(source, output string) error {
	fields := allFields()
	if source == "" {
		return printFields(a.out, output, fields, event.DocFields())
	}
	want, ok := event.ParseSource(source)
	if !ok {
		return usageError("--source %s: want audit, kernel or falco", source)
	}
	fields = slices.DeleteFunc(fields, func(f event.Field) bool { return f.Source != want })
	return printFields(a.out, output, fields, nil)
}
