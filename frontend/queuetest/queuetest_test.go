package queuetest_test

import (
	"encoding/json"
	"testing"

	"foliocast/frontend/queuetest"
	"foliocast/queue/contract"
	"foliocast/queue/message"
)

func TestStandInKeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.Produce(t, func(t *testing.T) contract.ProducerService {
		q := queuetest.New(t)
		return contract.ProducerService{
			Producer: q.Client(),
			Lease:    q.Lease,
			End: func(key string, result json.RawMessage, failure string, parts ...string) {
				r := message.Result{Outcome: message.Completed, Result: result}
				if failure != "" {
					r = message.Result{Outcome: message.Failed, Error: failure}
				}
				q.End(key, r, parts...)
			},
			Redrive: q.Redrive,
		}
	})
}
