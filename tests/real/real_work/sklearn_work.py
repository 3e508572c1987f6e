import pickle

import numpy as np
import sklearn
from joblib import Parallel, delayed
from shown import uses
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def versions(number):
    import scipy

    return number, sklearn.__version__, scipy.__version__, np.__version__


if __name__ == "__main__":
    uses(sklearn="scikit-learn", scipy="scipy", numpy="numpy", joblib="joblib", threadpoolctl="threadpoolctl")
    data, target = load_iris(return_X_y=True)
    learn, test, learned, tested = train_test_split(data, target, random_state=3)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(learn, learned)
    print(round(model.score(test, tested), 3), pickle.loads(pickle.dumps(model)).predict(test[:5]).tolist())
    forest = RandomForestClassifier(8, random_state=3, n_jobs=2).fit(learn, learned)
    print(np.round(forest.predict_proba(test[:2]), 3).tolist())
    # Processes of loky, which are started by the command line of their own.
    print(np.round(cross_val_score(model, data, target, cv=4, n_jobs=2), 3).tolist())
    print(Parallel(n_jobs=2)(delayed(versions)(number) for number in range(3)))
    print(repr(model))
