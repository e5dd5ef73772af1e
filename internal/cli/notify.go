package cli

import (
	"context"
	"log/slog"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Ready tells systemd that the program does its work now, and once ctx ends that it is stopping, for units with Type=notify.
// Nothing happens where no service manager asks for it.
func Ready(ctx context.Context, log *slog.Logger) {
	if sent := notify(log, daemon.SdNotifyReady); sent {
		context.AfterFunc(ctx, func() { notify(log, daemon.SdNotifyStopping) })
	}
}

func notify(log *slog.Logger, state string) bool {
	sent, err := daemon.SdNotify(false, state)
	if err != nil {
		log.Warn("cannot tell the service manager", "state", state, "err", err)
	}
	return sent
}
