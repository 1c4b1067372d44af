package kubeauth

import "errors"

var (
	// ErrRefused says that the token is not one of an agent. Asking again gives the same.
	ErrRefused = errors.New("token refused")
	// ErrUnavailable says that the API server could not be asked, or not in time. It may be tried again.
	ErrUnavailable = errors.New("token cannot be reviewed now")
)
